import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { createUser } from '../stores/users.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'
import { dialectOf, type Snapshot } from './dialect.js'

describe.each(testDatabases)('a snapshot on $name', (database) => {
  let db: Knex
  beforeEach(async () => {
    db = await migratedDatabase(database)
  })
  afterEach(() => db.destroy())

  const inSnapshot: Snapshot = (read) => dialectOf(db).withSnapshots(db, (snapshot) => snapshot(read))

  test('sees one moment, and the next one sees the next', async () => {
    await dialectOf(db).withSnapshots(db, async (snapshot) => {
      const users = (reader: Knex) => reader('users').pluck('username')
      await snapshot(async (reader) => {
        expect(await users(reader)).toEqual([])
        await createUser(db, { username: 'zoe', email: 'z@example.com', role: 'member', spendingLimit: null }, SYSTEM)
        expect(await users(reader)).toEqual([])
      })
      expect(await snapshot(users)).toEqual(['zoe'])
    })
  })

  test('is read-only', async () => {
    await expect(inSnapshot((snapshot) => snapshot('users').update({ reserved: 0 }))).rejects.toThrow(/read-?only/i)
  })

  test('ends at once when it is aborted, and no other begins', async () => {
    const stopping = new AbortController()
    const endless =
      database.name === 'sqlite'
        ? 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n'
        : 'SELECT pg_sleep(600)'
    let begun = 0
    const reading = dialectOf(db).withSnapshots(
      db,
      async (snapshot) => {
        const read = () =>
          snapshot((reader) => {
            begun += 1
            return reader.raw(endless)
          })
        await read().catch(() => undefined)
        await read()
      },
      stopping.signal,
    )
    const ended = expect(reading).rejects.toThrow()
    await sleep(300)
    const begin = performance.now()
    stopping.abort()
    await ended
    expect(performance.now() - begin).toBeLessThan(2_000)
    expect(begun).toBe(1)
  })
})

test.each(testDatabases.filter(({ name }) => name === 'postgres'))(
  'a snapshot on $name uses one process of the database',
  async (database) => {
    const db = await migratedDatabase(database)
    onTestFinished(() => db.destroy())
    const gathers = async (reader: Knex) => {
      await reader.raw('SET LOCAL debug_parallel_query = on')
      const { rows } = await reader.raw('EXPLAIN SELECT COUNT(*) FROM users')
      return JSON.stringify(rows).includes('Gather')
    }
    expect(await db.transaction(gathers)).toBe(true)
    expect(await dialectOf(db).withSnapshots(db, (snapshot) => snapshot(gathers))).toBe(false)
  },
)
