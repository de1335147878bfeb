import type { Knex } from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../database.js'
import { testDatabases } from '../testing/index.js'
import { dialectOf } from './dialect.js'

const ROWS = 40

describe.each(testDatabases)('of a transaction that fails on $name nothing is kept', (database) => {
  async function withTable(): Promise<Knex> {
    const db = await openDatabase(await database.url(), { poolMax: 1 })
    onTestFinished(() => db.destroy())
    await db.raw('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)')
    return db
  }
  const note = (id: number) => ({
    sql: 'INSERT INTO notes (id, text) VALUES (?, ?) RETURNING id',
    bindings: [id, 'text'],
  })

  // Equal statements wait for each other in the driver, so that most are still to run when the other one is refused.
  test('when one of the statements that run together is refused', async () => {
    const db = await withTable()
    const inserts = Array.from({ length: ROWS }, (_, row) => note(row + 1))
    const others = [{ sql: 'INSERT INTO notes (id, text) VALUES (0, NULL)', bindings: [] }]
    const writing = db.transaction((trx) => dialectOf(trx).runTogether(trx, { inserts, others, afterwards: [] }))
    await expect(writing).rejects.toThrow()
    expect(await db('notes')).toEqual([])
  })

  test('when it could not begin', async () => {
    const db = await withTable()
    const { readThenWrite, query } = dialectOf(db)
    const write = () =>
      readThenWrite(db, async (trx) => {
        await query(trx, { sql: 'SELECT 1 AS one', bindings: [] })
        return query(trx, note(1))
      })
    const restore = await refusingToBegin(db)
    await expect(write()).rejects.toThrow()
    restore()
    expect(await db('notes')).toEqual([])
    expect(await write()).toEqual([{ id: 1 }])
  })
})

/** Has the one connection of a pool send, instead of BEGIN, what its database refuses. */
async function refusingToBegin(db: Knex): Promise<() => void> {
  const connection = await db.client.acquireConnection()
  const methods = ['query', 'prepare'] as const
  const originals = methods.map((name) => [name, connection[name]] as const)
  for (const [name, original] of originals) {
    if (!original) continue
    connection[name] = (statement: string | { text: string }, ...rest: unknown[]) => {
      const isText = typeof statement === 'string'
      if (!/^BEGIN/.test(isText ? statement : statement.text)) return original.call(connection, statement, ...rest)
      return original.call(connection, isText ? 'REFUSED' : { ...statement, text: 'REFUSED' }, ...rest)
    }
  }
  await db.client.releaseConnection(connection)
  return () => {
    for (const [name, original] of originals) if (original) connection[name] = original
  }
}
