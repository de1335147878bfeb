import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyFolder, runServer, startServer } from './testing/server-process.js'

const postgresUrl = new URL(process.env.TEST_POSTGRES_URL ?? '')

function postgresWith(changes: Partial<URL>): string {
  return Object.assign(new URL(postgresUrl), changes).href
}

test.each([
  ['a missing folder', 'sqlite:/no/such/folder/mgx.db', /\/no\/such\/folder/],
  ['a directory', 'sqlite:./directory', /SQLITE_CANTOPEN/],
  ['a file that is no database', 'sqlite:./text', /SQLITE_NOTADB/],
  ['a folder that is a file', 'sqlite:./text/mgx.db', /text/],
  ['no name', 'sqlite:', /name a database/],
  ['another kind of database', 'mysql://root:hunter2@127.0.0.1/mgx', /must begin with/],
  ['a URL that is none', 'postgres://mgx:hunter2@127.0.0.1:99999/mgx', /well-formed/],
  ['nobody listening', 'postgres://mgx:hunter2@127.0.0.1:1/mgx', /ECONNREFUSED/],
  ['an unknown host', 'postgres://mgx:hunter2@no-such-host.invalid/mgx', /no-such-host\.invalid/],
  ['a wrong password', postgresWith({ password: 'hunter2' }), /password authentication failed/],
  ['an unknown database', postgresWith({ pathname: '/no_such_database' }), /no_such_database.*does not exist/],
])('a database URL with %s: one line that names it, and 1', async (_name, url, reason) => {
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
})

test('bad variables: a line each, and 1', async () => {
  const exit = await runServer(emptyFolder(), { PORT: 'http', LOG_LEVEL: 'loud', MGX_SECRET: 'short' })
  expect(exit).toMatchObject({ code: 1, stdout: '' })
  expect(exit.stderr.trimEnd().split('\n').toSorted()).toEqual([
    'LOG_LEVEL: must be trace, debug, info, warn, error or fatal',
    'MGX_SECRET: must be at least 32 characters long',
    'PORT: must be a whole number from 0 to 65535',
  ])
})

test('a busy port: one line that names it and says what to do, and 1', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { code, stderr } = await runServer(emptyFolder(), { PORT: String(port) })
  other.close()
  expect(stderr.split('\n').at(-2)).toBe(
    `PORT: ${port} is in use on 127.0.0.1: end what holds it, or take another: npm start -- --port ${port + 1}`,
  )
  expect(code).toBe(1)
})

test('a port that one of our servers holds: the line says so', async () => {
  const { port } = new URL((await startServer(emptyFolder(), {})).url)
  const { code, stderr } = await runServer(emptyFolder(), { PORT: port })
  expect(stderr.split('\n').at(-2)).toBe(
    `PORT: ${port} is in use on 127.0.0.1 by another MGX Backend: use that one, or take another: npm start -- --port ${Number(port) + 1}`,
  )
  expect(code).toBe(1)
})

test.each(['no-such-host.invalid', '192.0.2.1'])(
  'the host %s, which is not here: one line that names it, and 1',
  async (host) => {
    const { code, stderr } = await runServer(emptyFolder(), { HOST: host })
    expect(stderr).toMatch(new RegExp(`^HOST: [^\\n]*${host}[^\\n]*\\n$`, 'm'))
    expect(code).toBe(1)
  },
)

test('a database that a newer version has migrated: one line that says so, and 1', async () => {
  const folder = emptyFolder()
  const { openDatabase, migrateLatest } = await import('@mgx/db')
  const url = `sqlite:${join(folder, 'newer.db')}`
  const db = await openDatabase(url)
  await migrateLatest(db)
  await db('knex_migrations').insert({ name: '20991231000000-from-the-future', batch: 2, migration_time: new Date() })
  await db.destroy()
  const { code, stderr } = await runServer(folder, { DATABASE_URL: url })
  expect(stderr).toMatch(/^DATABASE_URL: [^\n]+20991231000000-from-the-future[^\n]*\n$/)
  expect(code).toBe(1)
})
