import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrateRollback, openDatabase } from '@mgx/db'
import { mountSmallDisk, startPostgres, type TestDatabase, testDatabases } from '@mgx/db/testing'
import type { Knex } from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Lifecycle } from '../process/lifecycle.js'
import { call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'
import { createReadiness } from './health.js'

async function start(databaseUrl?: string): Promise<TestServer> {
  const server = await startTestServer({ databaseUrl })
  onTestFinished(() => server.close())
  return server
}

async function probe(server: TestServer, path: string): Promise<[number, unknown]> {
  const response = await fetch(server.url + path)
  return [response.status, await response.json()]
}

describe.each(testDatabases)('on $name', (database) => {
  test('a server that can serve is ready', async () => {
    const server = await start(await database.migratedUrl())
    expect(await probe(server, '/healthz')).toEqual([200, { status: 'ok' }])
    expect(await probe(server, '/readyz')).toEqual([200, { status: 'ready' }])
  })

  test('a server that is told to end is not ready, also to a probe that waits for the database', async () => {
    const server = await start(await database.migratedUrl())
    const lifecycle: Lifecycle = { phase: 'serving' }
    const failedChecks = createReadiness(server.services.db, lifecycle)
    const waiting = failedChecks()
    lifecycle.phase = 'draining'
    expect(await Promise.all([waiting, failedChecks()])).toEqual([['draining'], ['draining']])
  })

  test('without its schema it is up but not ready', async () => {
    const server = await start(await database.migratedUrl())
    await migrateRollback(server.services.db)
    expect(await probe(server, '/healthz')).toEqual([200, { status: 'ok' }])
    expect(await probe(server, '/readyz')).toEqual([503, { status: 'not_ready', failed: ['schema'] }])
  })

  test('without its database it is up but not ready', async () => {
    const server = await start(await database.migratedUrl())
    await server.services.db.destroy()
    expect(await probe(server, '/healthz')).toEqual([200, { status: 'ok' }])
    expect(await probe(server, '/readyz')).toEqual([503, { status: 'not_ready', failed: ['database'] }])
  })

  test('with a database that does not respond it says so within seconds, to any number of probes', async () => {
    const server = await start(await database.migratedUrl())
    const { db } = server.services
    // SQLite has a second connection for reads.
    const clients = [db.client, ...(db.client.reading ? [db.client.reading.pool] : [])]
    const held = await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: client.pool.max }, async () => ({ client, connection: await client.acquireConnection() })),
      ),
    )
    const begin = performance.now()
    const answers = await Promise.all(Array.from({ length: 20 }, () => probe(server, '/readyz')))
    expect(performance.now() - begin).toBeLessThan(5_000)
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify([503, { status: 'not_ready', failed: ['database'] }])]),
    )
    for (const { client, connection } of held) await client.releaseConnection(connection)
    await expect.poll(() => probe(server, '/readyz')).toEqual([200, { status: 'ready' }])
  })
})

/** A database that can be made to refuse every write and to accept writes again. */
type Refusing = { databaseUrl: string; refuseWrites(db: Knex, on: boolean): Promise<void> }

const [sqlite, postgres] = testDatabases as [TestDatabase, TestDatabase]

async function sqlitePageLimit(): Promise<Refusing> {
  return {
    databaseUrl: await sqlite.migratedUrl(),
    async refuseWrites(db, on) {
      await db.raw(`PRAGMA max_page_count = ${on ? 1 : 1_000_000}`)
    },
  }
}

async function sqliteOnFullDisk(): Promise<Refusing> {
  const disk = mountSmallDisk()
  if (!disk) throw new Error('root can mount no disk here')
  onTestFinished(disk.remove)
  return {
    databaseUrl: `sqlite:${join(disk.folder, 'test.db')}`,
    refuseWrites: async (_, on) => disk.leave(on ? 0 : 8 << 20),
  }
}

async function readOnlyPostgresDatabase(): Promise<Refusing> {
  const databaseUrl = await postgres.migratedUrl()
  return {
    databaseUrl,
    async refuseWrites(_, on) {
      const admin = await openDatabase(`${databaseUrl}?options=-c%20default_transaction_read_only%3Doff`)
      const name = new URL(databaseUrl).pathname.slice(1)
      await admin.raw(`ALTER DATABASE ?? SET default_transaction_read_only = ${on}`, [name])
      // Open connections keep the old setting.
      await admin.raw(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ? AND pid <> pg_backend_pid()',
        [name],
      )
      await admin.destroy()
    },
  }
}

async function readOnlyPostgresServer(): Promise<Refusing> {
  const server = await startPostgres()
  onTestFinished(server.stop)
  return {
    databaseUrl: server.url,
    async refuseWrites(db, on) {
      await db.raw(`ALTER SYSTEM SET default_transaction_read_only = ${on}`)
      await db.raw('SELECT pg_reload_conf()')
    },
  }
}

const refusing: [name: string, make: () => Promise<Refusing>][] = [
  ['SQLite at its limit of pages', sqlitePageLimit],
  ...(process.getuid?.() === 0
    ? [['SQLite on a full disk', sqliteOnFullDisk] as [string, typeof sqliteOnFullDisk]]
    : []),
  ['a PostgreSQL database that is set to read only', readOnlyPostgresDatabase],
  ['a PostgreSQL server that is set to read only', readOnlyPostgresServer],
]

test.each(refusing)('on %s it is up but not ready, until the database accepts writes again', async (_name, make) => {
  const { databaseUrl, refuseWrites } = await make()
  const server = await start(databaseUrl)
  const { db } = server.services
  const caller = { url: server.url, apiKey: server.adminApiKey }
  const idea = 'x'.repeat(5_000)
  const write = () => call(caller, 'projects.create', { name: 'n', idea }).catch((error: Error) => error.message)
  await refuseWrites(db, true)
  await expect.poll(() => probe(server, '/readyz')).toEqual([503, { status: 'not_ready', failed: ['writable'] }])
  await expect.poll(write).toMatch(/^unavailable: /)
  expect(await probe(server, '/healthz')).toEqual([200, { status: 'ok' }])
  await refuseWrites(db, false)
  await expect.poll(() => probe(server, '/readyz')).toEqual([200, { status: 'ready' }])
  expect(await write()).toMatchObject({ idea })
})

test('on a PostgreSQL standby it is not ready until the standby is promoted', async () => {
  const standby = await startPostgres()
  onTestFinished(standby.stop)
  const server = await start(standby.url)
  const { rows } = await server.services.db.raw('SHOW data_directory')
  writeFileSync(join(rows[0].data_directory, 'standby.signal'), '')
  await standby.crash()
  await standby.restart()
  const ready = () => probe(server, '/readyz')
  await expect.poll(ready, { timeout: 10_000 }).toEqual([503, { status: 'not_ready', failed: ['writable'] }])
  await server.services.db.raw('SELECT pg_promote()')
  await expect.poll(ready, { timeout: 10_000 }).toEqual([200, { status: 'ready' }])
})
