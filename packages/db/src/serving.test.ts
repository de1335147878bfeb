import { setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openDatabase } from './database.js'
import { readState } from './database-state.js'
import { migrateLatest, migrateRollback } from './migrate.js'
import { migrationNames } from './migrations/index.js'
import { startServing } from './serving.js'
import { type TestDatabase, testDatabases } from './testing/index.js'

async function opened(url: string): Promise<Knex> {
  const db = await openDatabase(url, { poolMax: 2 })
  onTestFinished(() => db.destroy())
  return db
}

async function serve(db: Knex): Promise<() => Promise<void>> {
  const release = await startServing(db)
  onTestFinished(release)
  return release
}

/** Creates a database with a pending migration, and a server's connection to it. */
async function servedAndBehind(database: TestDatabase) {
  const url = await database.url()
  const db = await opened(url)
  await migrateLatest(db)
  const release = await serve(db)
  // The state that a version without the last migration leaves.
  await db.migrate.down()
  return { url, db, release }
}

describe.each(testDatabases)('a server on $name', (database) => {
  test('prevents migrations and rollbacks of its database, unless forced', async () => {
    const { url, db, release } = await servedAndBehind(database)
    const other = await opened(url)
    const refusal = { reason: 'conflict', message: expect.stringContaining('a server is using this database') }
    await expect(migrateLatest(other)).rejects.toMatchObject(refusal)
    await expect(migrateRollback(other)).rejects.toMatchObject(refusal)
    expect(await readState(db)).toMatchObject({ kind: 'behind', pending: migrationNames.slice(-1) })

    expect(await migrateLatest(other, { whileServed: true })).toEqual(migrationNames.slice(-1))
    await db.migrate.down()
    const migrating = migrateLatest(other)
    await sleep(300)
    await release()
    expect(await migrating).toEqual(migrationNames.slice(-1))
  })

  test('shares its database with other servers of its version, which find nothing to migrate', async () => {
    const url = await database.url()
    const ran = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const db = await opened(url)
        const names = await migrateLatest(db)
        await serve(db)
        return names
      }),
    )
    expect(ran.filter((names) => names.length > 0)).toEqual([migrationNames])
  })

  test('does not start serving a schema of another version', async () => {
    const { url, db } = await servedAndBehind(database)
    await expect(startServing(await opened(url))).rejects.toMatchObject({ reason: 'unavailable' })
    await db('knex_migrations').insert({ name: '20991231000000-newer', batch: 2, migration_time: new Date() })
    await expect(startServing(await opened(url))).rejects.toThrow('belongs to a newer MGX')
  })
})

test.each(testDatabases.filter(({ name }) => name === 'postgres'))(
  'a server that $name disconnected takes its serving lock again',
  async (database) => {
    const { url } = await servedAndBehind(database)
    const other = await opened(url)
    const holders = async (): Promise<number[]> => {
      const { rows } = await other.raw(`SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
      return rows.map(({ pid }: { pid: number }) => pid)
    }
    for (let round = 0; round < 2; round += 1) {
      const [before] = await holders()
      await other.raw('SELECT pg_terminate_backend(?)', [before as number])
      const again = async () => expect(await holders()).toEqual([expect.not.toBeOneOf([before])])
      await vi.waitFor(again, { timeout: 10_000, interval: 50 })
    }
    await expect(migrateLatest(other)).rejects.toThrow('a server is using this database')
  },
)

test.each(testDatabases.filter(({ name }) => name === 'postgres'))(
  'servers in one schema of a $name database leave its other schemas alone',
  async (database) => {
    const url = await database.url()
    const admin = await opened(url)
    await admin.raw('CREATE SCHEMA one; CREATE SCHEMA two')
    const inSchema = (name: string) => opened(`${url}?options=-csearch_path%3D${name}`)
    const one = await inSchema('one')
    await migrateLatest(one)
    await serve(one)
    expect(await migrateLatest(await inSchema('two'))).toEqual(migrationNames)
  },
)
