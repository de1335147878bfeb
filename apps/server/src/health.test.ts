import { migrateRollback } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startTestServer, type TestServer } from './testing.js'

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
    const server = await start(await database.url())
    expect(await probe(server, '/healthz')).toEqual([200, { status: 'ok' }])
    expect(await probe(server, '/readyz')).toEqual([200, { status: 'ready' }])
  })

  test('without its schema it is up but not ready', async () => {
    const server = await start(await database.url())
    await migrateRollback(server.services.db)
    expect(await probe(server, '/healthz')).toEqual([200, { status: 'ok' }])
    expect(await probe(server, '/readyz')).toEqual([503, { status: 'not_ready', failed: ['schema'] }])
  })

  test('without its database it is up but not ready', async () => {
    const server = await start(await database.url())
    await server.services.db.destroy()
    expect(await probe(server, '/healthz')).toEqual([200, { status: 'ok' }])
    expect(await probe(server, '/readyz')).toEqual([503, { status: 'not_ready', failed: ['database'] }])
  })

  test('with a database that does not answer it says so within seconds, however many ask', async () => {
    const server = await start(await database.url())
    const { db } = server.services
    // SQLite reads on a connection of its own.
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
