import { migrateRollback, openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { emptyFolder, launch, printedKey, type ServerProcess, startServer } from '../testing/server-process.js'

const Line = z.looseObject({ level: z.string(), time: z.iso.datetime(), msg: z.string() })

function logged(server: ServerProcess): z.infer<typeof Line>[] {
  return server.log().map((line) => Line.parse(line))
}

describe.each(testDatabases)('the log on $name', (database) => {
  test('has one line per request, and the cause of an internal error under its request id, but nothing secret', async () => {
    const url = await database.migratedUrl()
    const server = await startServer(emptyFolder(), { DATABASE_URL: url, MGX_SEED: 'false' })
    const apiKey = printedKey(server) ?? ''
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
    await fetch(`${server.url}/trpc/users.getByUsername?input={"username":"query-secret"}`, {
      headers: { ...headers, 'x-request-id': 'first' },
    })
    const db = await openDatabase(url)
    await migrateRollback(db, { whileServed: true })
    await db.destroy()
    const response = await fetch(`${server.url}/trpc/projects.create`, {
      method: 'POST',
      headers: { ...headers, 'x-request-id': 'second' },
      body: JSON.stringify({ name: 'body-secret', idea: 'body-secret' }),
    })
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ error: { data: { reason: 'internal', requestId: 'second' } } })
    expect(text).not.toMatch(/users|projects"|relation|no such table|stack|select/i)

    await expect
      .poll(() => logged(server))
      .toContainEqual(expect.objectContaining({ requestId: 'second', status: 500 }))
    const lines = logged(server)
    const request = { level: 'info', msg: 'request', milliseconds: expect.any(Number) }
    expect(lines).toContainEqual(
      expect.objectContaining({
        ...request,
        requestId: 'first',
        method: 'GET',
        path: '/trpc/users.getByUsername',
        status: 404,
      }),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({
        ...request,
        requestId: 'second',
        method: 'POST',
        path: '/trpc/projects.create',
        status: 500,
      }),
    )
    const internal = lines.filter(({ level, msg }) => level === 'error' && msg === 'internal error')
    expect(internal).toMatchObject([{ requestId: 'second', msg: 'internal error' }])
    expect(JSON.stringify(internal)).toMatch(/no such table|does not exist/)
    expect(JSON.stringify(lines)).not.toMatch(/query-secret|body-secret/)
    expect(JSON.stringify(lines)).not.toContain(apiKey)
  })
})

test('is the only output on stdout, from a first start to its end', async () => {
  const server = await startServer(emptyFolder(), { MGX_AUTO_MIGRATE: 'true' })
  const apiKey = printedKey(server) ?? ''
  const headers = { authorization: `Bearer ${apiKey}` }
  const paths = ['/trpc/users.me', '/trpc/users.me?unusual=1', '/api/users/me', '/', '/docs', '/nowhere', '/api/%zz']
  const statuses = await Promise.all(paths.map(async (path) => (await fetch(server.url + path, { headers })).status))
  expect(statuses).toEqual([200, 200, 200, 200, 200, 404, 400])
  server.signal('SIGTERM')
  expect(await server.exited).toMatchObject({ code: 0, stderr: expect.stringContaining(apiKey) })
  const words = logged(server).map(({ msg }) => msg)
  expect(words).toEqual(['listening', ...paths.map(() => 'request'), 'shutting down', 'shut down'])
  expect(JSON.stringify(logged(server))).not.toContain(apiKey)
})

test('is readable text when configured so', async () => {
  const { child, printed } = launch(emptyFolder(), { LOG_FORMAT: 'pretty', NO_COLOR: '1' })
  await expect.poll(() => printed().stdout, { timeout: 20_000 }).toMatch(/^\[[\d:]{8}\] INFO: listening \{"url":"http:/)
  child.kill()
})

test('at the level warn has the address of the server, and no requests', async () => {
  const server = await startServer(emptyFolder(), { LOG_LEVEL: 'warn' })
  await fetch(`${server.url}/trpc/system.health`)
  server.signal('SIGTERM')
  await server.exited
  expect(logged(server)).toMatchObject([{ msg: 'listening', url: server.url }])
})
