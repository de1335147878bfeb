import { contractHash } from '@mgx/api'
import { expect, test } from 'vitest'
import { emptyFolder, startServer } from '../testing/server-process.js'

/** One request for each way of handling requests. */
const requests: [path: string, status: number, way: string][] = [
  ['/trpc/system.health', 200, 'a plain call'],
  ['/trpc/users.me', 401, 'a plain call that is refused'],
  ['/trpc/system.health,system.health?batch=1', 200, 'a batch'],
  ['/trpc/system.health?unusual=1', 200, "tRPC's own adapter"],
  ['/trpc/no.such', 404, 'a procedure that is not there'],
  ['/api/health', 200, 'REST'],
  ['/api/users/me', 401, 'a REST call that is refused'],
  ['/docs', 200, 'a page'],
  ['/nowhere', 404, 'a path that is not there'],
  ['/api/%zz', 400, 'a URL that is not well formed'],
]

test('every response has the same headers and is logged once, with a client name that is safe to log', async () => {
  const server = await startServer(emptyFolder(), {})
  const clients = [
    ['0.3.1/0123456789abcdef', '0.3.1/0123456789abcdef'],
    ['x'.repeat(100), 'x'.repeat(100)],
    ['x'.repeat(101), undefined],
    ['caf\u00e9', undefined],
    [undefined, undefined],
  ]
  for (const [path, status, way] of requests) {
    for (const [client, logged] of clients) {
      const requestId = crypto.randomUUID()
      const headers = { 'x-request-id': requestId, ...(client !== undefined && { 'x-mgx-client': client }) }
      const response = await fetch(server.url + path, { headers })
      expect(response.status, way).toBe(status)
      expect(Object.fromEntries(response.headers), way).toMatchObject({
        'x-request-id': requestId,
        'x-mgx-contract': contractHash,
        'cache-control': 'no-store',
      })
      const lines = () => server.log().filter((line) => line.requestId === requestId)
      await expect.poll(lines).toHaveLength(1)
      const [line] = lines()
      expect(line, way).toMatchObject({ msg: 'request', method: 'GET', path: path.replace(/\?.*/, ''), status })
      expect(line?.client, way).toBe(logged)
    }
  }
})
