import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../database.js'
import { type TestDatabase, testDatabases } from '../testing/index.js'
import { dialectOf } from './dialect.js'

const ROWS = 40

describe.each(testDatabases)('a failed transaction on $name keeps nothing', (database) => {
  async function withTable(): Promise<Knex> {
    const db = await openDatabase(await database.url(), { poolMax: 1 })
    onTestFinished(() => db.destroy())
    await db.raw('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)')
    // Without this table, a file counts as another program's and cannot be opened again.
    await db.raw('CREATE TABLE knex_migrations (id INTEGER)')
    return db
  }
  const note = (id: number) => ({
    sql: 'INSERT INTO notes (id, text) VALUES (?, ?) RETURNING id',
    bindings: [id, 'text'],
  })
  const insert = (trx: Knex.Transaction, id: number) => dialectOf(trx).query(trx, note(id))

  // Equal statements wait for each other in the driver, so most have not run yet when the bad one is rejected.
  test('when one of several concurrent statements is rejected', async () => {
    const db = await withTable()
    const inserts = Array.from({ length: ROWS }, (_, row) => note(row + 1))
    const others = [{ sql: 'INSERT INTO notes (id, text) VALUES (0, NULL)', bindings: [] }]
    const writing = db.transaction((trx) => dialectOf(trx).runTogether(trx, { inserts, others, afterwards: [] }))
    await expect(writing).rejects.toThrow()
    expect(await db('notes')).toEqual([])
  })

  test.each([0, 1, 2, 3, 4, 5])('when statement %i of six ends the transaction by itself', async (position) => {
    const db = await withTable()
    const statements = Array.from({ length: 6 }, (_, row) => (row === position ? endsIt(database) : note(row + 1)))
    const [inserts, others, afterwards] = [statements.slice(0, 2), statements.slice(2, 4), statements.slice(4)]
    const writing = db.transaction((trx) => dialectOf(trx).runTogether(trx, { inserts, others, afterwards }))
    await expect(writing).rejects.toThrow('text')
    expect(await db('notes')).toEqual([])
  })

  test('when the work catches a failed statement and continues', async () => {
    const db = await withTable()
    const answers: string[] = []
    const hear = (answer: Promise<unknown>) =>
      answer.then(() => answers.push('kept')).catch(() => answers.push('refused'))
    const working = db.transaction(async (trx) => {
      await hear(insert(trx, 1))
      await hear(dialectOf(trx).query(trx, endsIt(database)))
      await hear(insert(trx, 2))
    })
    await expect(working).rejects.toThrow('text')
    expect(answers).toEqual(['kept', 'refused', 'refused'])
    expect(await db('notes')).toEqual([])
  })

  test('when its work has failed but a part of it is still running', async () => {
    const db = await withTable()
    let goingOn: Promise<string> | undefined
    const working = db.transaction(async (trx) => {
      await insert(trx, 1)
      const later = sleep(0).then(() => insert(trx, 2))
      goingOn = later.then(
        () => 'kept',
        () => 'refused',
      )
      throw new Error('the work fails')
    })
    await expect(working).rejects.toThrow('the work fails')
    expect(await goingOn).toBe('refused')
    expect(await db('notes')).toEqual([])
  })

  test('when BEGIN fails', async () => {
    const db = await withTable()
    const { readThenWrite, query } = dialectOf(db)
    const write = () =>
      readThenWrite(db, async (trx) => {
        await query(trx, { sql: 'SELECT 1 AS one', bindings: [] })
        return query(trx, note(1))
      })
    const restore = await refusing(db, /^BEGIN/)
    await expect(write()).rejects.toThrow('REFUSED')
    restore()
    expect(await db('notes')).toEqual([])
    expect(await write()).toEqual([{ id: 1 }])
  })

  test('when it cannot be rolled back, and its connection is not used again', async () => {
    const db = await withTable()
    const restore = await refusing(db, /^ROLLBACK/)
    const failing = db.transaction(async (trx) => {
      await insert(trx, 1)
      throw new Error('the work fails')
    })
    await expect(failing).rejects.toThrow('the work fails')
    restore()
    expect(await db('notes')).toEqual([])
    expect(await db.transaction((trx) => insert(trx, 2))).toEqual([{ id: 2 }])
    expect(await db('notes').pluck('id')).toEqual([2])
  })
})

/** A statement that fails because of its content and makes SQLite, like PostgreSQL, roll back the transaction. */
function endsIt({ name }: TestDatabase) {
  const orRollback = name === 'sqlite' ? 'OR ROLLBACK ' : ''
  return { sql: `INSERT ${orRollback}INTO notes (id, text) VALUES (100, NULL) RETURNING id`, bindings: [] }
}

/** Makes the only connection of a pool send a failing statement instead of those that match. */
async function refusing(db: Knex, pattern: RegExp): Promise<() => void> {
  const connection = await db.client.acquireConnection()
  const methods = ['query', 'prepare', 'all'] as const
  const originals = methods.map((name) => [name, connection[name]] as const)
  for (const [name, original] of originals) {
    if (!original) continue
    connection[name] = (statement: string | { text: string }, ...rest: unknown[]) => {
      const isText = typeof statement === 'string'
      if (!pattern.test(isText ? statement : statement.text)) return original.call(connection, statement, ...rest)
      return original.call(connection, isText ? 'REFUSED' : { ...statement, text: 'REFUSED' }, ...rest)
    }
  }
  await db.client.releaseConnection(connection)
  return () => {
    for (const [name, original] of originals) if (original) connection[name] = original
  }
}
