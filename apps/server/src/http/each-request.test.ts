import { contractHash } from '@mgx/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.js'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test.each([
  ['a plain call', '/trpc/system.health', 200],
  ['a call that is refused', '/trpc/users.me', 401],
  ['a batch', '/trpc/system.health,system.health?batch=1', 200],
  ['what tRPC’s own adapter answers', '/trpc/no.such', 404],
  ['a path outside of tRPC', '/healthz', 200],
])('%s is answered with the hash of the contract', async (_, path, status) => {
  const response = await fetch(`${server.url}${path}`)
  expect(response.status).toBe(status)
  expect(response.headers.get('x-mgx-contract')).toBe(contractHash)
  expect(contractHash).toMatch(/^[0-9a-f]{16}$/)
})
