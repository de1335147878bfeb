import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const ORIGIN = 'https://app.example.com'

let closed: TestServer
let server: TestServer
beforeAll(async () => {
  closed = await startTestServer()
  server = await startTestServer({ corsOrigins: [ORIGIN, 'http://localhost:5173'] })
})
afterAll(() => Promise.all([closed.close(), server.close()]))

const paths = [
  '/trpc/users.me',
  '/trpc/users.me,users.me?batch=1',
  '/trpc/users.me?unusual=1',
  '/trpc/nope',
  '/api/users/me',
  '/api/users/99',
  '/healthz',
  '/nowhere',
]

function ask({ url, adminApiKey }: TestServer, path: string, origin: string | undefined, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${adminApiKey}`, ...(origin !== undefined && { origin }), ...init.headers }
  return fetch(url + path, { ...init, headers })
}
const corsOf = ({ headers }: Response) => [...headers.keys()].filter((name) => name.startsWith('access-control-'))

test.each(paths)('%s allows the configured origins only, never with cookies', async (path) => {
  const allowed = await ask(server, path, ORIGIN)
  expect(allowed.headers.get('access-control-allow-origin')).toBe(ORIGIN)
  expect(allowed.headers.get('access-control-expose-headers')).toBe(
    'age, retry-after, x-request-id, x-mgx-contract, ratelimit, ratelimit-policy',
  )
  expect(allowed.headers.get('vary')).toMatch(/\bOrigin$/)
  expect(corsOf(allowed)).not.toContain('access-control-allow-credentials')
  for (const origin of [undefined, 'null', '*', `${ORIGIN}.evil.example`, `${ORIGIN}:8443`, 'http://app.example.com']) {
    const refused = await ask(server, path, origin)
    expect(corsOf(refused), String(origin)).toEqual([])
    expect(refused.headers.get('vary')).toMatch(/\bOrigin$/)
    expect(refused.status).toBe(allowed.status)
  }
})

test.each(paths)('without configuration %s has no such headers', async (path) => {
  const response = await ask(closed, path, ORIGIN)
  expect(corsOf(response)).toEqual([])
  expect(response.headers.get('vary') ?? '').not.toMatch(/origin/i)
})

const preflight = (asking: TestServer, path: string, origin: string) =>
  ask(asking, path, origin, {
    method: 'OPTIONS',
    headers: {
      authorization: '',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })

test.each([...paths, '/api/projects/1/costs'])('a preflight for %s', async (path) => {
  const response = await preflight(server, path, ORIGIN)
  expect(response.status).toBe(204)
  expect(await response.text()).toBe('')
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'access-control-allow-origin': ORIGIN,
    'access-control-allow-methods': 'GET, HEAD, POST, PATCH',
    'access-control-max-age': '600',
    vary: 'Origin',
  })
  expect(response.headers.get('access-control-allow-headers')?.split(', ')).toEqual(
    expect.arrayContaining(['authorization', 'content-type', 'idempotency-key', 'x-mgx-client', 'x-request-id']),
  )
  const stranger = await preflight(server, path, 'https://evil.example')
  expect([stranger.status >= 400, corsOf(stranger)]).toEqual([true, []])
  const off = await preflight(closed, path, ORIGIN)
  expect([off.status, corsOf(off)]).toEqual([stranger.status, []])
})

test('a stream may be read by a page too', async () => {
  const path = '/trpc/costs.watch?input=%7B%22projectId%22%3A99%7D'
  const response = await ask(server, path, ORIGIN, { headers: { accept: 'text/event-stream' } })
  await response.body?.cancel()
  expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN)
})
