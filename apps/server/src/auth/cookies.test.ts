import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookieOf, jsonOf, post, SAME_ORIGIN, withCookie } from '../testing/browser.js'
import { call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

describe('a session cookie counts', () => {
  let server: TestServer
  let cookie: string
  let own: string
  beforeAll(async () => {
    server = await startTestServer()
    own = server.url
    cookie = cookieOf(await post(`${own}/auth/sign-in`, {}, { apiKey: server.adminApiKey }))
  })
  afterAll(() => server?.close())

  const evil = 'https://evil.example.com'

  test.each([
    ['sec-fetch-site: same-origin', () => SAME_ORIGIN, 200],
    ['the own Origin', () => ({ origin: own }), 200],
    ['same-origin, whatever the Origin', () => ({ ...SAME_ORIGIN, origin: evil }), 200],
    ['neither header', () => ({}), 401],
    ['another Origin', () => ({ origin: evil }), 401],
    ['an Origin that begins with the own one', () => ({ origin: `${own}.evil.example.com` }), 401],
    ['another port', () => ({ origin: 'http://127.0.0.1:1' }), 401],
    ['another scheme', () => ({ origin: own.replace('http:', 'https:') }), 401],
    ['the Origin null', () => ({ origin: 'null' }), 401],
    ['cross-site', () => ({ 'sec-fetch-site': 'cross-site' }), 401],
    ['cross-site with the own Origin', () => ({ 'sec-fetch-site': 'cross-site', origin: own }), 401],
    ['same-site, such as another subdomain', () => ({ 'sec-fetch-site': 'same-site', origin: own }), 401],
    ['none, such as an address typed by the user', () => ({ 'sec-fetch-site': 'none' }), 401],
  ])('on every way in with %s', async (_, headersOf, expected) => {
    const headers: Record<string, string> = { cookie, ...(headersOf() as object) }
    const input = encodeURIComponent(JSON.stringify({ lastEventId: 0, projectId: 1 }))
    const answers = [
      await post(`${own}/trpc/users.me`, headers),
      await fetch(`${own}/trpc/users.me`, { headers }),
      // Not a plain call, so tRPC's own adapter handles it.
      await post(`${own}/trpc/users.me`, { ...headers, 'trpc-accept': 'application/json' }),
      await fetch(`${own}/api/users/me`, { headers }),
    ]
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => expected))
    const stream = await fetch(`${own}/trpc/costs.watch?input=${input}`, {
      headers: { ...headers, accept: 'text/event-stream' },
    })
    const text = await stream.text()
    expect(text.includes('unauthenticated')).toBe(expected === 401)
    if (expected === 200) expect(text).toContain('not_found')
  })

  test('only without an Authorization header, which wins', async () => {
    const headers = { ...withCookie(cookie), authorization: 'Bearer mgx_key_wrong' }
    expect((await post(`${own}/trpc/users.me`, headers)).status).toBe(401)
    const by = { url: own, apiKey: server.adminApiKey }
    const { apiKey, user } = (await call(by, 'users.create', { username: 'ada', email: 'ada@example.com' })) as {
      apiKey: string
      user: { id: number }
    }
    const both = await post(`${own}/trpc/users.me`, { ...withCookie(cookie), authorization: `Bearer ${apiKey}` })
    expect(await jsonOf(both)).toMatchObject({ result: { data: { id: user.id } } })
  })

  test.each([
    ['two session cookies', () => `${cookie}; ${cookie}`, 401],
    ['two with different values', () => `mgx_session=mgx_ses_other; ${cookie}`, 401],
    ['an API key in the cookie', () => `mgx_session=${server.adminApiKey}`, 401],
    ['an empty cookie', () => 'mgx_session=', 401],
    ['another cookie beside it', () => `theme=dark; ${cookie}; a=b`, 200],
    ['a name that ends like it', () => `x${cookie}`, 401],
  ])('or is refused: %s', async (_, cookieOf, expected) => {
    expect((await post(`${own}/trpc/users.me`, { ...SAME_ORIGIN, cookie: cookieOf() })).status).toBe(expected)
  })

  test('sign-in and sign-out from another origin are forbidden', async () => {
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: evil }, { 'sec-fetch-site': 'same-site' }]) {
      const signIn = await post(`${own}/auth/sign-in`, headers, { apiKey: server.adminApiKey })
      expect([signIn.status, signIn.headers.get('set-cookie')]).toEqual([403, null])
      expect((await post(`${own}/auth/sign-out`, { ...headers, cookie })).status).toBe(403)
    }
    expect((await post(`${own}/auth/sign-out`, { cookie })).status).toBe(403)
    expect((await post(`${own}/trpc/users.me`, withCookie(cookie))).status).toBe(200)
  })
})

describe('with an https address in MGX_PUBLIC_URL', () => {
  test('the cookie is Secure and has the prefix __Host-, and only that one counts', async () => {
    const server = await startTestServer({ publicUrl: 'https://mgx.example.com' })
    const response = await post(`${server.url}/auth/sign-in`, {}, { apiKey: server.adminApiKey })
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-mgx_session=mgx_ses_[\w-]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
    const cookie = cookieOf(response)
    const me = async (headers: Record<string, string>) => (await post(`${server.url}/trpc/users.me`, headers)).status
    expect(await me(withCookie(cookie))).toBe(200)
    expect(await me({ cookie, origin: 'https://mgx.example.com' })).toBe(200)
    expect(await me({ cookie, origin: server.url })).toBe(401)
    expect(await me(withCookie(cookie.replace('__Host-', '')))).toBe(401)
    await server.close()
  })
})
