import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.js'
import { addressOf, dropUntrusted, isHttps, trustsOf } from './forwarded.js'

/** Returns what a server that trusts `proxies` believes of a request that comes from `peer`. */
function believed(proxies: string[], peer: string | undefined, headers: Record<string, string>) {
  const request = { headers: { ...headers }, socket: { remoteAddress: peer } } as unknown as IncomingMessage
  const trusts = trustsOf(proxies)
  dropUntrusted(request, trusts)
  return { address: addressOf(request, trusts), https: isHttps(request), headers: request.headers }
}

const lan = ['loopback', '10.0.0.0/8']
test.each([
  ['nobody is trusted', [], '10.0.0.1', '203.0.113.9', '10.0.0.1'],
  ['a stranger', lan, '198.51.100.7', '203.0.113.9', '198.51.100.7'],
  ['a proxy', lan, '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['a proxy over IPv6', lan, '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['a proxy without the header', lan, '10.0.0.1', undefined, '10.0.0.1'],
  ['a proxy with an empty header', lan, '10.0.0.1', '', '10.0.0.1'],
  ['a chain of proxies', lan, '127.0.0.1', '203.0.113.9, 10.1.1.1, 10.2.2.2', '203.0.113.9'],
  ['an address that the caller made up', lan, '127.0.0.1', '1.1.1.1, 203.0.113.9, 10.2.2.2', '203.0.113.9'],
  ['a chain of proxies only', lan, '127.0.0.1', '10.1.1.1,10.2.2.2', '10.1.1.1'],
  ['IPv6', lan, '127.0.0.1', '2001:db8::7', '2001:db8::7'],
  ['a port', lan, '127.0.0.1', '203.0.113.9:5501', '203.0.113.9'],
  ['IPv6 with a port', lan, '127.0.0.1', '[2001:db8::7]:5501, [fd00::1]', 'fd00::1'],
  ['garbage before the address', lan, '127.0.0.1', "'; DROP TABLE users --, 203.0.113.9", '203.0.113.9'],
  ['garbage before a proxy', lan, '127.0.0.1', 'unknown, 10.2.2.2', '10.2.2.2'],
  ['garbage alone', lan, '127.0.0.1', '__proto__', '127.0.0.1'],
  ['a long header', lan, '127.0.0.1', `${'1.1.1.1,'.repeat(1_500)}${'x'.repeat(3_000)}`, '127.0.0.1'],
  ['commas', lan, '127.0.0.1', ',,,,', '127.0.0.1'],
] as const)('%s', (_name, proxies, peer, chain, address) => {
  const headers = { 'x-forwarded-proto': 'https', ...(chain !== undefined && { 'x-forwarded-for': chain }) }
  expect(believed([...proxies], peer, headers).address).toBe(address)
})

test('a stranger is not believed anything, a proxy only the last protocol', () => {
  const headers = { host: 'a', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'b', 'x-forwarded-for': '1.1.1.1' }
  expect(believed(lan, '198.51.100.7', headers)).toMatchObject({ https: false, headers: { host: 'a' } })
  expect(Object.keys(believed(lan, undefined, headers).headers)).toEqual(['host'])
  expect(believed(lan, '10.0.0.1', headers).https).toBe(true)
  expect(believed(lan, '10.0.0.1', { 'x-forwarded-proto': 'https, http' }).https).toBe(false)
})

describe('the address is that of the caller', () => {
  let open: TestServer
  let behindProxy: TestServer
  beforeAll(async () => {
    open = await startTestServer({ limits: { failures: 2 } })
    behindProxy = await startTestServer({ limits: { failures: 2 }, trustProxy: ['loopback'] })
  })
  afterAll(() => Promise.all([open.close(), behindProxy.close()]))

  /** The same call on each of the ways to the procedures. */
  const paths = ['/trpc/users.me', '/trpc/users.me?unusual=1', '/api/users/me']
  const statusOf = async (server: TestServer, path: string, chain: string, key: string) => {
    const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': chain }
    return (await fetch(server.url + path, { headers })).status
  }
  const guesses = async (server: TestServer, path: string, chain: (attempt: number) => string) => {
    const statuses: number[] = []
    for (let attempt = 0; attempt < 4; attempt++) {
      statuses.push(await statusOf(server, path, chain(attempt), `wrong-key-number-${attempt}`))
    }
    return statuses
  }

  test('without a trusted proxy, a header of the caller’s own gives no more guesses', async () => {
    expect(await guesses(open, '/trpc/users.me', (attempt) => `203.0.113.${attempt}`)).toEqual([401, 401, 429, 429])
    for (const path of paths.slice(1)) expect(await statusOf(open, path, '203.0.113.77', 'wrong-key')).toBe(429)
  })

  test.each(paths)('behind a trusted proxy, each caller of %s is counted alone', async (path) => {
    const network = paths.indexOf(path)
    expect(await guesses(behindProxy, path, (attempt) => `203.0.${network}.${attempt}`)).toEqual([401, 401, 401, 401])
    const forged = (attempt: number) => `192.0.2.${attempt}, 198.51.${network}.1`
    expect(await guesses(behindProxy, path, forged)).toEqual([401, 401, 429, 429])
  })

  test('the audit log has it', async () => {
    const { url, adminApiKey, services } = behindProxy
    for (const [index, [path, body]] of (
      [
        ['/trpc/users.create', { username: 'ada', email: 'ada@example.com' }],
        ['/trpc/users.create?unusual=1', { username: 'bob', email: 'bob@example.com' }],
        ['/api/users', { username: 'eve', email: 'eve@example.com' }],
      ] as const
    ).entries()) {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${adminApiKey}`,
          'content-type': 'application/json',
          'x-forwarded-for': `6.6.6.6, 203.0.113.${index}`,
        },
        body: JSON.stringify(body),
      })
      expect(response.status).toBe(200)
    }
    const rows = await services.db('audit_log').whereNotNull('address').orderBy('id').select('address')
    expect(rows.map(({ address }) => address)).toEqual(['203.0.113.0', '203.0.113.1', '203.0.113.2'])
  })
})
