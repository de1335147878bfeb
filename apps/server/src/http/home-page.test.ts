import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.js'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test('shows the version and state of the server, and links only to existing pages of this server', async () => {
  const response = await fetch(`${server.url}/`)
  const html = await response.text()
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(html).toContain(`Version ${server.services.version} is <strong>ready</strong>`)
  expect(html).not.toContain('<script')
  const links = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link)
  expect(links).toEqual(expect.arrayContaining(['/favicon.ico', '/healthz', '/readyz', '/docs', '/openapi.json']))
  for (const link of links) expect((await fetch(server.url + link)).status, link).toBe(200)
})

test('its policy allows its own style and icon, and nothing else', async () => {
  const response = await fetch(`${server.url}/`)
  const [, style = ''] = /<style>(.*?)<\/style>/s.exec(await response.text()) ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  expect(response.headers.get('content-security-policy')).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; img-src 'self'; frame-ancestors 'none'`,
  )
  const icon = await fetch(`${server.url}/favicon.ico`)
  expect(icon.headers.get('content-type')).toBe('image/x-icon')
  expect([...new Uint8Array(await icon.arrayBuffer()).slice(0, 4)]).toEqual([0, 0, 1, 0])
})

test('its first call works unchanged at the address that the browser used', async () => {
  const html = await (await fetch(`${server.url}/`)).text()
  const [, commands = ''] = /<pre>(.*?)<\/pre>/s.exec(html) ?? []
  const script = commands.replace('mgx_key_…', server.adminApiKey)
  const { stdout } = await promisify(execFile)('bash', ['-euc', script], { env: { PATH: process.env.PATH } })
  expect(JSON.parse(stdout)).toMatchObject({ record: { totalCost: '0.025' } })
})

test.each(['"><script>', 'a b', '$(id)', "it's"])('a Host such as %s is not shown', async (host) => {
  const request = get(server.url, { headers: { host } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  expect(await text(response)).not.toContain(host)
})
