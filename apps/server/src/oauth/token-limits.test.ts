import { expect, test } from 'vitest'
import { startTestServer } from '../testing/test-server.js'

test('wrong secrets and other wrong credentials count together', async () => {
  const server = await startTestServer({ limits: { failures: 6 } })
  const form = { grant_type: 'client_credentials', client_id: '1', client_secret: 'wrong' }
  const ask = () => fetch(`${server.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })
  const headers = { authorization: 'Bearer wrong' }
  for (let each = 0; each < 3; each += 1) {
    expect((await ask()).status).toBe(401)
    expect((await fetch(`${server.url}/trpc/users.me`, { headers })).status).toBe(401)
  }
  const limited = await ask()
  expect([limited.status, await limited.json()]).toMatchObject([429, { error: 'temporarily_unavailable' }])
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(1)
  expect((await fetch(`${server.url}/trpc/users.me`, { headers })).status).toBe(429)
  await server.close()
})
