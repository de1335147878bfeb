import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import knex, { type Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SYSTEM } from './audit/audit-log.js'
import { knexConfig, openDatabase } from './database.js'
import { readDatabaseUrl } from './database-url.js'
import { domainErrorOf } from './errors.js'
import { createLedger } from './ledger/ledger.js'
import { createProject, updateProject, updateProjectStatus } from './ledger/projects.js'
import { migrateLatest } from './migrate.js'
import { EVERYTHING } from './scope.js'
import { getProject } from './stores/projects.js'
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

  test('a transaction whose COMMIT fails rejects, keeps nothing, and does not swallow later statements', async () => {
    const broken = db.transaction(async (trx) => {
      await breakCommit(trx, database)
      await createUser(trx, user, SYSTEM)
    })
    await expect(broken).rejects.toThrow()
    const { id } = await createUser(db, user, SYSTEM)
    const other = await openDatabase(url)
    expect(await other('users').pluck('id')).toEqual([id])
    await other.destroy()
  })

  test('transactions that read and then write wait for each other across connections', async () => {
    const other = await openDatabase(url)
    const { id } = await createUser(db, user, SYSTEM)
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

  test('a taken name in any case or alphabet is a conflict that names the field', async () => {
    await createUser(db, { ...user, username: 'Ärger' }, SYSTEM)
    const again = createUser(db, { ...user, username: 'äRGER', email: 'other@example.com' }, SYSTEM)
    expect(domainErrorOf(db, await again.catch((error: unknown) => error))).toMatchObject({
      reason: 'conflict',
      details: { field: 'username' },
    })
  })
})

const postgresOnly = testDatabases.filter(({ name }) => name === 'postgres')

test.each(postgresOnly)(
  'a connection lost at any point is unavailable, and the next call succeeds',
  async ({ url }) => {
    const address = await url()
    const [db, other] = [await openDatabase(address, { poolMax: 2 }), await openDatabase(address)]
    const killOthers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`
    const calls = [
      async () => db.raw('SELECT pg_sleep(5)'),
      () => db.transaction((trx) => trx.raw('SELECT pg_sleep(5)')),
      () =>
        db.transaction(async (trx) => {
          await trx.raw('SELECT 1')
          await sleep(500)
          return trx.raw('SELECT 1')
        }),
      () =>
        db.transaction(async (trx) => {
          await trx.raw('SELECT 1')
          await sleep(500)
        }),
    ]
    for (const call of calls) {
      const failing: Promise<unknown> = call().catch((failure: unknown) => failure)
      await sleep(200)
      await other.raw(killOthers)
      expect(domainErrorOf(db, await failing)).toMatchObject({ reason: 'unavailable' })
      await vi.waitFor(() => db.raw('SELECT 1'), { timeout: 5_000 })
    }
    await Promise.all([db.destroy(), other.destroy()])
  },
)

test.each(postgresOnly)('a call to a database that stops responding fails in time', async ({ url }) => {
  const address = await url()
  await (await openDatabase(address)).destroy()
  const config = knexConfig(address, { poolMax: 1 })
  const db = knex({ ...config, connection: { ...(config.connection as object), query_timeout: 300 } })
  // To the driver, a statement that exceeds its timeout looks like a server that stopped responding.
  const error = await db.raw('SELECT pg_sleep(5)').catch((failure: unknown) => failure)
  expect(domainErrorOf(db, error)).toMatchObject({ reason: 'unavailable' })
  await vi.waitFor(() => db.raw('SELECT 1'), { timeout: 2_000 })
  await db.destroy()
})

describe.each(testDatabases)('a project on $name', (database) => {
  test('changes status once, and its investment never drops below its costs, under concurrent calls', async () => {
    const url = await database.url()
    const [db, other] = [await openDatabase(url), await openDatabase(url)]
    await migrateLatest(db)
    const { id: userId } = await createUser(db, user, SYSTEM)
    for (let round = 0; round < 10; round += 1) {
      const { id } = await createProject(db, userId, { name: 'n', idea: 'i', investment: '3' }, SYSTEM)
      const call = {
        projectId: id,
        model: 'm',
        promptTokens: 1,
        completionTokens: 1,
        cachedPromptTokens: 0,
        totalCost: '2',
      }
      const answers = await Promise.allSettled([
        ...[db, other, db, other].map((each) =>
          updateProjectStatus(each, EVERYTHING, { id, status: 'running' }, SYSTEM),
        ),
        createLedger(other).reserve(EVERYTHING, { projectId: id, amount: '2', ttlSeconds: 60 }),
        updateProject(db, EVERYTHING, { id, investment: '1' }, SYSTEM),
        createLedger(db).record(EVERYTHING, call),
      ])
      expect(answers.slice(0, 4).filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const [reserved, lowered] = answers.slice(4)
      const { investment, reserved: held } = await getProject(db, EVERYTHING, id)
      expect(held).toBe(reserved?.status === 'fulfilled' ? '2' : '0')
      expect(investment).toBe(lowered?.status === 'fulfilled' ? '1' : '3')
      expect(reserved?.status === 'fulfilled' && lowered?.status === 'fulfilled').toBe(false)
    }
    await Promise.all([db.destroy(), other.destroy()])
  })
})

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

  test.each([
    '',
    'mysql://h/d',
    'sqlite:',
    'sqlite:/no/such/folder/x.db',
    'sqlite://x.db',
    'sqlite:./x?mode=ro',
    'sqlite:file:/x.db',
    'postgres://h:port/d',
    'x.db',
  ])('%j is refused', (url) => {
    expect(() => readDatabaseUrl(url)).toThrow(/database URL/)
  })

  test("of another program's file is rejected, and the file is not changed", async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'mgx-test-')), 'predecessor.db')
    copyFileSync(new URL('../../../examples/software-company/data/legacy_mgx_backend.db', import.meta.url), file)
    const before = readFileSync(file)
    await expect(openDatabase(`sqlite:${file}`)).rejects.toThrow('the tables of another program')
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  test('that cannot be opened is reported without the password', async () => {
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
