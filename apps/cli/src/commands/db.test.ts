import { createUser, databaseState, isMigrated, migrateLatest, openDatabase, SYSTEM } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { mgxHere } from '../testing/run-here.js'
import { mgx as mgxBuilt } from '../testing/run-mgx.js'

const mgx = (args: string[], env: Record<string, string> = {}) => mgxHere(args, { env })

async function withDatabase<Result>(
  url: string,
  work: (db: Awaited<ReturnType<typeof openDatabase>>) => Promise<Result>,
) {
  const db = await openDatabase(url)
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}

describe.each(testDatabases)('mgx db on $name', (database) => {
  let env: { DATABASE_URL: string }
  beforeEach(async () => {
    env = { DATABASE_URL: await database.url() }
  })

  test('migrate, status and rollback, even when there is nothing to do', async () => {
    const { pending: names, kind } = await databaseState(env.DATABASE_URL)
    expect(names.length).toBeGreaterThan(0)
    const indented = (list: readonly string[]) => list.map((name) => `  ${name}\n`).join('')

    const before = await mgx(['db', 'status'], env)
    const pending = names.map((name) => `pending  ${name}\n`).join('')
    const how = 'mgx db migrate (npm run db:migrate).\n'
    expect(before).toEqual(
      kind === 'missing'
        ? { code: 1, stdout: pending, stderr: `mgx: DATABASE_URL: there is no database yet. To create it: ${how}` }
        : { code: 0, stdout: `${pending}${names.length} migrations still to run. To run them: ${how}`, stderr: '' },
    )
    const migrated = await mgx(['db', 'migrate'], env)
    expect(migrated).toEqual({ code: 0, stdout: `Ran ${names.length} migrations:\n${indented(names)}`, stderr: '' })
    expect(await mgx(['db', 'migrate'], env)).toMatchObject({
      code: 0,
      stdout: 'Nothing to run: the database is up to date.\n',
    })
    expect(await mgx(['db', 'status'], env)).toMatchObject({
      code: 0,
      stdout: `${names.map((name) => `done     ${name}\n`).join('')}The database is up to date.\n`,
    })
    expect(await mgx(['db', 'rollback'], env)).toEqual({
      code: 0,
      stdout: `Rolled back ${names.length} migrations:\n${indented(names.toReversed())}`,
      stderr: '',
    })
    expect(await mgx(['db', 'rollback'], env)).toMatchObject({
      code: 0,
      stdout: 'Nothing to roll back: no migration has run.\n',
    })
    expect(await withDatabase(env.DATABASE_URL, isMigrated)).toBe(false)
  })

  test('a database migrated from the sources is up to date for the build', async () => {
    await withDatabase(env.DATABASE_URL, migrateLatest)
    expect(await mgxBuilt(['db', 'migrate'], env)).toMatchObject({
      code: 0,
      stdout: 'Nothing to run: the database is up to date.\n',
    })
  })

  test('verify exits with 0 when the books balance, else with 1 and a line for each drift', async () => {
    await withDatabase(env.DATABASE_URL, async () => {})
    const behind = await mgx(['db', 'verify'], env)
    expect(behind).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^mgx: The database is behind.*\n$/),
    })
    await withDatabase(env.DATABASE_URL, async (db) => {
      await migrateLatest(db)
      await createUser(db, { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: null }, SYSTEM)
    })
    expect(await mgx(['db', 'verify'], env)).toEqual({
      code: 0,
      stdout: 'The books balance. Checked: users 1, projects 0, records 0, reservations 0, rollups 0.\n',
      stderr: '',
    })
    await withDatabase(env.DATABASE_URL, (db) => db('users').update({ totalCost: 5, reserved: 1_500_000_000 }))
    expect(await mgx(['db', 'verify'], env)).toEqual({
      code: 1,
      stdout:
        'user 1: totalCost should be 0, is 0.000000005 (off by 0.000000005)\nuser 1: reserved should be 0, is 1.5 (off by 1.5)\n',
      stderr: 'mgx: The books do not balance: 2 figures are wrong.\n',
    })
  })

  test('rollback needs --yes when there is data to lose', async () => {
    await mgx(['db', 'migrate'], env)
    await withDatabase(env.DATABASE_URL, (db) =>
      createUser(db, { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: null }, SYSTEM),
    )
    const refused = await mgx(['db', 'rollback'], env)
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^.*--yes\.\n$/) })
    expect(await withDatabase(env.DATABASE_URL, isMigrated)).toBe(true)
    expect(await mgx(['db', 'rollback', '--yes'], env)).toMatchObject({ code: 0 })
    expect(await withDatabase(env.DATABASE_URL, isMigrated)).toBe(false)
    expect(await mgx(['db', 'rollback'], env)).toMatchObject({ code: 0 })
  })
})

test.each([
  ['sqlite:/no/such/folder/mgx.db', '/no/such/folder'],
  ['postgres://mgx:hunter2@127.0.0.1:1/mgx', 'ECONNREFUSED'],
  ['mysql://mgx:hunter2@127.0.0.1/mgx', 'must begin with'],
])('the database %s cannot be opened: one line that names the variable', async (url, reason) => {
  const { code, stdout, stderr } = await mgx(['db', 'status'], { DATABASE_URL: url })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^mgx: DATABASE_URL: [^\n]+\n$/)
  expect(stderr).toContain(reason)
  expect(stderr).not.toContain('hunter2')
})
