import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../rest/operations.js'
import { calls } from '../testing/every-procedure.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ trustProxy: ['loopback'] })
})
afterAll(() => server.close())

const pages = ['/', '/docs']
const files = [
  '/favicon.ico',
  '/openapi.json',
  '/docs/start.js',
  '/docs/swagger-ui.css',
  '/docs/swagger-ui-bundle.js',
  '/healthz',
  '/readyz',
  '/metrics',
]
/** What a browser's address bar or a form can ask for: everything by GET and by POST, and what is refused. */
const routes: [method: string, path: string][] = [
  ...[...pages, ...files, '/nowhere', '/api', '/trpc', '/%zz', '/api/%zz'].map((path): [string, string] => [
    'GET',
    path,
  ]),
  ...calls.flatMap(([path]): [string, string][] => [
    ['GET', `/trpc/${path}`],
    ['GET', `/trpc/${path}?batch=1`],
    ['GET', `/trpc/${path}?unusual=1`],
    ['POST', `/trpc/${path}`],
  ]),
  ['GET', '/trpc/costs.watch'],
  ...operations.flatMap(({ template }): [string, string][] => {
    const path = template.replaceAll(/\{\w+\}/g, '1')
    return [
      ['GET', path],
      ['POST', path],
      ['DELETE', path],
    ]
  }),
]

describe.each(['', 'Bearer wrong', 'admin'])('with the credential "%s"', (credential) => {
  test('every route answers with headers that keep browsers from guessing, framing and leaking', async () => {
    const authorization = credential === 'admin' ? `Bearer ${server.adminApiKey}` : credential
    for (const [method, path] of routes) {
      const response = await fetch(server.url + path, { method, headers: { authorization } })
      await response.body?.cancel()
      const { headers } = response
      const label = `${method} ${path}`
      expect(headers.get('x-content-type-options'), label).toBe('nosniff')
      expect(headers.get('referrer-policy'), label).toBe('no-referrer')
      expect(headers.get('x-frame-options'), label).toBe('DENY')
      expect(headers.get('cross-origin-opener-policy'), label).toBe('same-origin')
      expect(headers.get('cross-origin-resource-policy'), label).toBe('same-origin')
      expect(headers.get('content-security-policy'), label).toMatch(/^default-src 'none';.*frame-ancestors 'none'/)
      expect(headers.get('strict-transport-security'), label).toBe(null)
      expect(headers.get('access-control-allow-origin'), label).toBe(null)
    }
  })
})

test('the list has every route', async () => {
  for (const [method, path] of routes.filter(([, each]) => [...pages, ...files].includes(each)))
    expect((await fetch(server.url + path, { method })).status, path).toBe(200)
})

test.each(['/', '/docs', '/healthz', '/trpc/system.health', '/trpc/system.health?unusual=1', '/api/health'])(
  '%s tells a browser to stay with https, only when a trusted proxy says that it came so',
  async (path) => {
    const hsts = async (address: string, protocol: string) =>
      (await fetch(address + path, { headers: { 'x-forwarded-proto': protocol } })).headers.get(
        'strict-transport-security',
      )
    const stranger = await startTestServer()
    try {
      expect(await hsts(server.url, 'https')).toBe('max-age=31536000')
      expect(await hsts(server.url, 'http')).toBe(null)
      expect(await hsts(stranger.url, 'https')).toBe(null)
    } finally {
      await stranger.close()
    }
  },
)

test('what is not HTTP is refused with nosniff too', async () => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1').end('HELLO\r\n\r\n')
  expect(await text(socket)).toMatch(/^x-content-type-options: nosniff\r$/m)
})
