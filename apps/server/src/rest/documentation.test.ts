import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.js'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test('the page requests existing files, and only from this server', async () => {
  const page = await fetch(`${server.url}/docs`)
  const html = await page.text()
  expect(await (await fetch(`${server.url}/docs/`)).text()).toBe(html)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
  expect(html).not.toMatch(/<script(?![^>]* src=)|https?:/)
  const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link)
  expect(links).toHaveLength(4)
  for (const link of links) {
    const asset = await fetch(server.url + link)
    expect([asset.status, (await asset.arrayBuffer()).byteLength > 0], link).toEqual([200, true])
    expect(asset.headers.get('content-type')).toMatch(/^(text\/(css|javascript)|image\/x-icon)/)
  }
})

test('the page shows the document of this server, which is public, and sends it nowhere', async () => {
  const start = await (await fetch(`${server.url}/docs/start.js`)).text()
  const [, url = ''] = /url: '([^']+)'/.exec(start) ?? []
  const document = await fetch(server.url + url)
  expect(await document.json()).toMatchObject({ openapi: '3.1.0', info: { title: 'MGX Backend' } })
  expect(start).toContain('validatorUrl: null')
  expect(start).toContain('persistAuthorization: true')
})

test.each(['/docs/swagger-ui.js', '/docs/..%2fpackage.json', '/docs/package.json'])(
  '%s is nothing of it',
  async (path) => {
    expect((await fetch(server.url + path)).status).toBe(404)
  },
)
