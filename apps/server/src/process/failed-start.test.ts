import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { dialectOf, migrateLatest, openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import knex from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import { emptyFolder, printedKey, runServer, startServer } from '../testing/server-process.js'

const postgresUrl = new URL(process.env.TEST_POSTGRES_URL ?? '')

function postgresWith(changes: Partial<URL>): string {
  return Object.assign(new URL(postgresUrl), changes).href
}

test.each([
  ['a missing folder', 'sqlite:/no/such/folder/mgx.db', /\/no\/such\/folder/],
  ['a directory', 'sqlite:./directory', /SQLITE_CANTOPEN/],
  ['a file that is not a database', 'sqlite:./text', /SQLITE_NOTADB/],
  ['a folder that is a file', 'sqlite:./text/mgx.db', /text/],
  ['no name', 'sqlite:', /name a database/],
  ['another kind of database', 'mysql://root:hunter2@127.0.0.1/mgx', /must begin with/],
  ['a malformed URL', 'postgres://mgx:hunter2@127.0.0.1:99999/mgx', /well-formed/],
  ['no server listening', 'postgres://mgx:hunter2@127.0.0.1:1/mgx', /ECONNREFUSED/],
  ['an unknown host', 'postgres://mgx:hunter2@no-such-host.invalid/mgx', /no-such-host\.invalid/],
  ['a wrong password', postgresWith({ password: 'hunter2' }), /password authentication failed/],
  ['an unknown database', postgresWith({ pathname: '/no_such_database' }), /no_such_database.*does not exist/],
])('a database URL with %s: one line that names it, exit code 1', async (_name, url, reason) => {
  const folder = emptyFolder()
  mkdirSync(join(folder, 'directory'))
  writeFileSync(join(folder, 'text'), 'This is a text and not a database. '.repeat(100))
  const { code, stdout, stderr } = await runServer(folder, { DATABASE_URL: url })
  expect(stderr).toMatch(/^DATABASE_URL: [^\n]+\n$/)
  expect(stderr).toMatch(reason)
  expect(stderr + stdout).not.toMatch(/hunter2|\n\s+at /)
  expect(stderr + stdout).not.toContain(postgresUrl.password)
  expect(stdout).toBe('')
  expect(code).toBe(1)
  expect(readdirSync(folder).toSorted()).toEqual(['directory', 'text'])
})

test('bad variables: one line each, and exit code 1', async () => {
  const exit = await runServer(emptyFolder(), { PORT: 'http', LOG_LEVEL: 'loud', MGX_SECRET: 'short' })
  expect(exit).toMatchObject({ code: 1, stdout: '' })
  expect(exit.stderr.trimEnd().split('\n').toSorted()).toEqual([
    'LOG_LEVEL: must be trace, debug, info, warn, error or fatal',
    'MGX_SECRET: must be at least 32 characters long',
    'PORT: must be a whole number from 0 to 65535',
  ])
})

describe.each(testDatabases)('with a $name database, nothing is created', (database) => {
  /** Runs a start that fails and returns its stderr. */
  async function failedStart(variables: NodeJS.ProcessEnv): Promise<string> {
    const folder = emptyFolder()
    const url = await database.url()
    const { code, stdout, stderr } = await runServer(folder, { DATABASE_URL: url, ...variables })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(readdirSync(folder)).toEqual([])
    expect(await tablesIn(url)).toEqual([])
    return stderr
  }

  test.each(['true', 'false'])(
    'with a busy port and MGX_AUTO_MIGRATE=%s: one line says what to do',
    async (autoMigrate) => {
      const other = createServer().listen(0, '127.0.0.1')
      onTestFinished(() => void other.close())
      await once(other, 'listening')
      const { port } = other.address() as AddressInfo
      expect(await failedStart({ PORT: String(port), MGX_AUTO_MIGRATE: autoMigrate })).toBe(
        `PORT: ${port} is in use on 127.0.0.1: stop the process that holds it, or take another: npm start -- --port ${port + 1}\n`,
      )
    },
  )

  test('with a port that another MGX Backend holds: the line says so', async () => {
    const { port } = new URL((await startServer(emptyFolder(), {})).url)
    expect(await failedStart({ PORT: port })).toBe(
      `PORT: ${port} is in use on 127.0.0.1 by another MGX Backend: use that one, or take another: npm start -- --port ${Number(port) + 1}\n`,
    )
  })

  test.each(['no-such-host.invalid', '192.0.2.1'])(
    'with the host %s, which is not here: one line names it',
    async (host) => {
      expect(await failedStart({ HOST: host })).toMatch(new RegExp(`^HOST: [^\\n]*${host}[^\\n]*\\n$`))
    },
  )

  test('with an admin key in the format of generated keys: one line names the variable', async () => {
    const told = await failedStart({ MGX_ADMIN_API_KEY: 'mgx_key_of-my-own-making' })
    expect(told).toBe('MGX_ADMIN_API_KEY: must not begin with mgx_key_ or mgx_ses_\n')
  })

  test.each([
    ['that is damaged', (file: string) => writeFileSync(file, 'short')],
    ['that cannot be read', (file: string) => mkdirSync(file)],
  ])('with a kept secret %s: one line names it', async (_name, spoil) => {
    const folder = emptyFolder()
    mkdirSync(join(folder, 'data'))
    spoil(join(folder, 'data/secret'))
    const url = await database.url()
    const { code, stdout, stderr } = await runServer(folder, { DATABASE_URL: url })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^MGX_SECRET: [^\n]+\n$/)
    expect(await tablesIn(url)).toEqual([])
  })
})

/** Returns the tables of a database. Does not create a missing file. */
async function tablesIn(url: string): Promise<string[]> {
  const [, file] = /^sqlite:(.*)$/.exec(url) ?? []
  if (file !== undefined && !existsSync(file)) return []
  const db = await openDatabase(url)
  const { tableNames } = dialectOf(db)
  const tables = await db.from(db.raw(`(${tableNames}) AS tables`)).pluck('name')
  await db.destroy()
  return tables
}

describe.each(testDatabases)('a $name database', (database) => {
  test.each(['true', 'false'])(
    'that a newer version has migrated, with MGX_AUTO_MIGRATE=%s: one line that says so, and 1',
    async (autoMigrate) => {
      const url = await database.url()
      const db = await openDatabase(url)
      await migrateLatest(db)
      await db('knex_migrations').insert({ name: '20991231000000-newer', batch: 2, migration_time: new Date() })
      await db.destroy()
      const { code, stdout, stderr } = await runServer(emptyFolder(), {
        DATABASE_URL: url,
        MGX_AUTO_MIGRATE: autoMigrate,
      })
      expect(stderr).toBe(
        'DATABASE_URL: it belongs to a newer MGX (it has 20991231000000-newer): start that version, or restore a backup\n',
      )
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    },
  )

  test.each(['true', 'false'])(
    'of another program, with MGX_AUTO_MIGRATE=%s: one line that says so, and 1, and nothing in it is changed',
    async (autoMigrate) => {
      const url = await database.url()
      const db = knex({
        client: database.name === 'sqlite' ? 'sqlite3' : 'pg',
        connection: url.replace('sqlite:', ''),
        useNullAsDefault: true,
      })
      await db.schema.createTable('orders', (table) => table.increments())
      const env = { DATABASE_URL: url, MGX_AUTO_MIGRATE: autoMigrate, MGX_SHARED_SCHEMA: 'false' }
      const { code, stderr } = await runServer(emptyFolder(), env)
      expect(stderr).toMatch(/^DATABASE_URL: it holds the tables of another program \(orders\): [^\n]+\n$/)
      expect(code).toBe(1)
      await expect(db('knex_migrations')).rejects.toThrow(/no such table|does not exist/)
      await expect(db('knex_migrations_lock')).rejects.toThrow(/no such table|does not exist/)
      await db.destroy()
    },
  )
})

test('a database that is gone: exits with 1 and one line that says why and what to do; creates a new one if configured to', {
  timeout: 90_000,
}, async () => {
  const folder = emptyFolder()
  const file = join(folder, 'data/mgx_backend.db')
  const first = await startServer(folder, {})
  first.signal('SIGTERM')
  await first.exited
  renameSync(file, join(folder, 'moved.db'))
  const before = readdirSync(join(folder, 'data'))
  const { code, stdout, stderr } = await runServer(folder, {})
  expect(stderr).toMatch(
    /^DATABASE_URL: there is no database in [^\n]*mgx_backend\.db\.migrating shows[^\n]*MGX_NEW_DATABASE[^\n]*\n$/,
  )
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(readdirSync(join(folder, 'data'))).toEqual(before)

  renameSync(join(folder, 'moved.db'), file)
  const again = await startServer(folder, {})
  expect(printedKey(again)).toBeUndefined()
  again.signal('SIGTERM')
  await again.exited
  rmSync(file)
  expect(printedKey(await startServer(folder, { MGX_NEW_DATABASE: 'true' }))).toBeDefined()
})
