import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openDatabase } from './database.js'
import { readDatabaseUrl } from './database-url.js'
import { domainErrorOf } from './errors.js'
import { migrateLatest } from './migrate.js'
import { createUser } from './stores/users.js'
import { type TestDatabase, testDatabases } from './testing/index.js'

const user = { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: null } as const

/** Makes the next COMMIT of a transaction that writes a user fail. */
async function breakCommit(trx: Knex.Transaction, { name }: TestDatabase): Promise<void> {
  if (name === 'sqlite') {
    await trx.raw('PRAGMA defer_foreign_keys = ON')
    await trx.raw(`INSERT INTO projects (user_id, name, idea, investment) VALUES (999, 'n', 'i', 1)`)
  } else {
    await trx.raw(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$`)
    await trx.raw(
      'CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()',
    )
  }
}

describe.each(testDatabases)('$name', (database) => {
  let url: string
  let db: Knex
  beforeEach(async () => {
    url = await database.url()
    db = await openDatabase(url, { poolMax: 2 })
    await migrateLatest(db)
  })
  afterEach(() => db.destroy())

  test('a transaction whose COMMIT fails rejects, keeps nothing, and does not swallow what follows', async () => {
    const broken = db.transaction(async (trx) => {
      await breakCommit(trx, database)
      await createUser(trx, user)
    })
    await expect(broken).rejects.toThrow()
    const { id } = await createUser(db, user)
    const other = await openDatabase(url)
    expect(await other('users').pluck('id')).toEqual([id])
    await other.destroy()
  })

  test('transactions that read and then write wait for each other across connections', async () => {
    const other = await openDatabase(url)
    const { id } = await createUser(db, user)
    const bump = (connection: Knex) =>
      connection.transaction(async (trx) => {
        const row = await trx('users').where({ id }).forUpdate().first()
        await trx('users')
          .where({ id })
          .update({ reserved: row.reserved + 1 })
      })
    await Promise.all(Array.from({ length: 20 }, (_, index) => bump(index % 2 ? db : other)))
    expect((await db('users').where({ id }).first()).reserved).toBe(20)
    await other.destroy()
  })

  test('a taken name is a conflict that names the field, whatever its case or alphabet', async () => {
    await createUser(db, { ...user, username: 'Ärger' })
    const again = createUser(db, { ...user, username: 'äRGER', email: 'other@example.com' })
    expect(domainErrorOf(db, await again.catch((error: unknown) => error))).toMatchObject({
      reason: 'conflict',
      details: { field: 'username' },
    })
  })
})

test.each(testDatabases.filter(({ name }) => name === 'postgres'))(
  'a lost connection is unavailable',
  async ({ url }) => {
    const db = await openDatabase(await url(), { poolMax: 1 })
    const error = await db.raw('SELECT pg_terminate_backend(pg_backend_pid())').catch((failure: unknown) => failure)
    expect(domainErrorOf(db, error)).toMatchObject({ reason: 'unavailable' })
    await vi.waitFor(() => db.raw('SELECT 1'), { timeout: 5_000 })
    await db.destroy()
  },
)

describe('a database URL', () => {
  test.each([
    ['sqlite:./data/x.db', { kind: 'sqlite', filename: './data/x.db' }],
    ['sqlite:///x.db', { kind: 'sqlite', filename: 'x.db' }],
    [`sqlite:///${tmpdir()}/x.db`, { kind: 'sqlite', filename: `${tmpdir()}/x.db` }],
    [`sqlite:${tmpdir()}/x.db`, { kind: 'sqlite', filename: `${tmpdir()}/x.db` }],
    ['sqlite::memory:', { kind: 'sqlite', filename: ':memory:' }],
    ['postgres://u:p@h:1/d', { kind: 'postgres', connectionString: 'postgres://u:p@h:1/d' }],
    ['postgresql://h/d', { kind: 'postgres', connectionString: 'postgresql://h/d' }],
  ])('%s is read', (url, address) => {
    expect(readDatabaseUrl(url)).toEqual(address)
  })

  test.each(['', 'mysql://h/d', 'sqlite:', 'sqlite:/no/such/folder/x.db', 'postgres://h:port/d', 'x.db'])(
    '%j is refused',
    (url) => {
      expect(() => readDatabaseUrl(url)).toThrow(/database URL/)
    },
  )

  test('that cannot be opened says so without the password', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mgx-test-'))
    writeFileSync(
      join(folder, 'not-a-database.db'),
      'text that is no database, long enough to be read as a header'.repeat(20),
    )
    const urls = [`sqlite:${folder}`, `sqlite:${folder}/not-a-database.db`, 'postgres://user:hunter2@127.0.0.1:1/db']
    for (const url of urls) {
      const error = await openDatabase(url).catch((failure: Error) => failure)
      expect(error).toMatchObject({ reason: 'unavailable', message: expect.stringContaining('cannot be opened') })
      expect(String(error)).not.toContain('hunter2')
    }
  })
})
