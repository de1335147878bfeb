import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { jsonOf, post, withCookie } from '../testing/browser.js'
import { createBrowser, REGISTERED, startProvider } from '../testing/openid-provider.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const people = {
  ada: { preferred_username: 'ada', email: 'ada@example.com', email_verified: true },
  root: { preferred_username: 'root', email: 'root@example.com', groups: ['staff', 'admins'] },
}
const CALLBACK = '/auth/oidc/callback'

describe.each(testDatabases)('sign-in at an OpenID provider on $name', ({ url: newDatabase }) => {
  let provider: Awaited<ReturnType<typeof startProvider>>
  let server: TestServer
  let other: TestServer
  beforeAll(async () => {
    provider = await startProvider(people)
    const databaseUrl = await newDatabase()
    const oidc = {
      issuer: provider.issuer,
      audience: 'mgx',
      createUsers: true,
      admin: { claim: 'groups', value: 'admins' },
    }
    server = await startTestServer({ databaseUrl, oidc, oidcClient: REGISTERED })
    other = await startTestServer({ databaseUrl, oidc, oidcClient: REGISTERED, adminApiKey: server.adminApiKey })
    provider.register([server.url + CALLBACK])
  })
  afterAll(async () => {
    await provider?.close()
    await other?.close()
    await server?.close()
  })

  const isCallback = (url: string) => url.startsWith(server.url + CALLBACK)
  /** Signs a person in at the provider, and stops before the browser comes back. */
  async function callbackOf(login: string, browser = createBrowser(), query = '') {
    const url = await browser.signInAt(`${server.url}/auth/oidc${query}`, login, isCallback)
    return { browser, url, jar: browser.jarOf(server.url) }
  }
  async function signIn(login: string, browser = createBrowser()) {
    const { url, jar } = await callbackOf(login, browser)
    const response = await browser.visit(url)
    expect(response.status).toBe(303)
    return { browser, response, cookie: `mgx_session=${jar.get('mgx_session')}` }
  }
  const ask = (cookie: string, procedure: string, at = server) =>
    post(`${at.url}/trpc/${procedure}`, withCookie(cookie))

  /** Expects that a callback is refused as JSON with the request id, opens no session and repeats nothing secret. */
  async function expectRefusal(response: Response, status: number, reason: string) {
    expect(response.status).toBe(status)
    const body = await jsonOf<Record<string, string>>(response)
    expect(body).toMatchObject({ reason, requestId: response.headers.get('x-request-id') })
    expect(JSON.stringify(body)).not.toMatch(/code=|state=|secret|client/i)
    expect(response.headers.getSetCookie().filter((set) => /^mgx_session=./.test(set))).toEqual([])
  }

  test('ends with a session of a new member, in a cookie', async () => {
    const { response, cookie } = await signIn('ada')
    expect(response.headers.get('location')).toBe('/')
    const set = response.headers.getSetCookie()
    expect(set.find((each) => each.startsWith('mgx_session='))).toMatch(
      /^mgx_session=mgx_ses_[\w-]+; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(set).toContain('mgx_sign_in=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax')
    const me = await ask(cookie, 'users.me')
    expect(await jsonOf(me)).toMatchObject({
      result: { data: { username: 'ada', email: 'ada@example.com', role: 'member' } },
    })
    expect((await ask(cookie, 'users.list')).status).toBe(403)
    expect((await ask(cookie, 'users.me', other)).status).toBe(200)
  })

  test('begins with PKCE, state and nonce, all sealed in a cookie that the provider cannot read', async () => {
    const browser = createBrowser()
    const response = await browser.visit(`${server.url}/auth/oidc`)
    const url = new URL(response.headers.get('location') ?? '')
    expect(url.origin).toBe(provider.issuer)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: server.url + CALLBACK,
    })
    expect(response.headers.get('set-cookie')).toMatch(
      /^mgx_sign_in=[\w-]+\.\.[\w.-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(url.searchParams.get(name)?.length).toBeGreaterThan(30)
  })

  test('an admin named by a claim is one for an hour at most', async () => {
    const { cookie } = await signIn('root')
    expect((await ask(cookie, 'users.list')).status).toBe(200)
    const me = await jsonOf<{ result: { data: { id: number; role: string } } }>(await ask(cookie, 'users.me'))
    expect(me.result.data.role).toBe('member')
    const [session] = await server.services.db('sessions').where({ user_id: me.result.data.id })
    expect(Math.round((Date.parse(session.expiresAt) - Date.parse(session.createdAt)) / 1_000)).toBe(3_600)
  })

  test('closes the earlier session of the browser, and ends with its user', async () => {
    const first = await signIn('ada')
    const browser = createBrowser()
    browser.jarOf(server.url).set('mgx_session', first.cookie.split('=')[1] ?? '')
    const begin = await browser.visit(`${server.url}/auth/oidc`, { headers: { 'sec-fetch-site': 'same-origin' } })
    // The provider's redirect does not carry a cookie with SameSite=Strict.
    browser.jarOf(server.url).delete('mgx_session')
    const url = await browser.signInAt(begin.headers.get('location') ?? '', 'ada', isCallback)
    expect((await browser.visit(url)).status).toBe(303)
    const second = `mgx_session=${browser.jarOf(server.url).get('mgx_session')}`
    expect([(await ask(first.cookie, 'users.me')).status, (await ask(second, 'users.me')).status]).toEqual([401, 200])
    const me = await jsonOf<{ result: { data: { id: number } } }>(await ask(second, 'users.me'))
    const admin = { authorization: `Bearer ${server.adminApiKey}` }
    const { id } = me.result.data
    expect((await post(`${server.url}/trpc/users.deactivate`, admin, { id })).status).toBe(200)
    expect((await ask(second, 'users.me')).status).toBe(401)
    const { browser: again, url: late } = await callbackOf('ada')
    await expectRefusal(await again.visit(late), 401, 'unauthenticated')
    expect((await post(`${server.url}/trpc/users.reactivate`, admin, { id })).status).toBe(200)
  })

  test('another server can finish it', async () => {
    const { url, jar } = await callbackOf('ada')
    const cookie = `mgx_sign_in=${jar.get('mgx_sign_in')}`
    const response = await fetch(url.replace(server.url, other.url), { headers: { cookie }, redirect: 'manual' })
    expect(response.status).toBe(303)
  })

  test('refuses a wrong state, a missing one and an error of the provider', async () => {
    for (const change of [
      (url: URL) => url.searchParams.set('state', 'another'),
      (url: URL) => url.searchParams.delete('state'),
      (url: URL) => url.searchParams.set('code', 'another'),
      (url: URL) => {
        url.searchParams.delete('code')
        url.searchParams.set('error', 'access_denied')
      },
    ]) {
      const { browser, url } = await callbackOf('ada')
      const changed = new URL(url)
      change(changed)
      await expectRefusal(await browser.visit(changed.href), 401, 'unauthenticated')
    }
  })

  test('refuses a callback in another browser, with the cookie of another sign-in, or a changed one', async () => {
    const { url } = await callbackOf('ada')
    await expectRefusal(await fetch(url, { redirect: 'manual' }), 401, 'unauthenticated')
    const { jar } = await callbackOf('root')
    const cookie = jar.get('mgx_sign_in') ?? ''
    const changed = `${cookie.slice(0, -2)}${cookie.endsWith('A') ? 'B' : 'A'}${cookie.slice(-1)}`
    for (const value of [cookie, changed, 'nonsense', '']) {
      const headers = { cookie: `mgx_sign_in=${value}` }
      await expectRefusal(await fetch(url, { headers, redirect: 'manual' }), 401, 'unauthenticated')
    }
  })

  test('refuses a replayed callback and a replayed code', async () => {
    const { browser, url, jar } = await callbackOf('ada')
    const cookie = `mgx_sign_in=${jar.get('mgx_sign_in')}`
    expect((await browser.visit(url)).status).toBe(303)
    await expectRefusal(await browser.visit(url), 401, 'unauthenticated')
    // Even with the cookie, which a browser has deleted by now.
    await expectRefusal(await fetch(url, { headers: { cookie }, redirect: 'manual' }), 401, 'unauthenticated')
  })

  test('refuses an ID token with another nonce', async () => {
    const { url, jar } = await callbackOf('ada')
    const { signInStates } = server.services.credentials
    const state = await signInStates.open(jar.get('mgx_sign_in') ?? '')
    if (!state) throw new Error('the state cannot be opened')
    const cookie = `mgx_sign_in=${await signInStates.seal({ ...state, nonce: 'another' })}`
    await expectRefusal(await fetch(url, { headers: { cookie }, redirect: 'manual' }), 401, 'unauthenticated')
  })

  test.each(['/projects?id=7#costs', '/', '/a/b%20c'])('returns to the path %s', async (path) => {
    const { browser, url } = await callbackOf('ada', undefined, `?return_to=${encodeURIComponent(path)}`)
    expect((await browser.visit(url)).headers.get('location')).toBe(path)
  })

  test.each([
    '//evil.example.com',
    '/\\evil.example.com',
    '\\/evil.example.com',
    '/\t/evil.example.com',
    '/\n/evil.example.com',
    '/\r\nset-cookie: a=b',
    'https://evil.example.com',
    'javascript:alert(1)',
    ' //evil.example.com',
    'evil.example.com',
    '',
  ])('does not return to %j', async (path) => {
    const response = await fetch(`${server.url}/auth/oidc?return_to=${encodeURIComponent(path)}`, {
      redirect: 'manual',
    })
    expect(response.status).toBe(400)
    expect(response.headers.get('location')).toBeNull()
    expect((await jsonOf<{ reason: string }>(response)).reason).toBe('invalid_input')
  })

  // The last one, because it ends the provider.
  test('says that the provider is down', async () => {
    const { browser, url } = await callbackOf('ada')
    await provider.close()
    await expectRefusal(await browser.visit(url), 503, 'unavailable')
  })
})

test('an account that is not linked to a user is refused unless members are created', async () => {
  const provider = await startProvider(people)
  const trust = { issuer: provider.issuer, audience: 'mgx', createUsers: false, admin: undefined }
  const server = await startTestServer({ oidc: trust, oidcClient: REGISTERED })
  const begin = () => fetch(`${server.url}/auth/oidc`, { redirect: 'manual' })
  for (let attempt = 0; attempt < 10; attempt++) {
    const down = await begin()
    expect([down.status, (await jsonOf<{ reason: string }>(down)).reason]).toEqual([503, 'unavailable'])
  }
  expect(provider.unanswered()).toBeLessThan(10)
  provider.register([server.url + CALLBACK])
  await vi.waitFor(async () => expect((await begin()).status).toBe(303), { timeout: 10_000, interval: 200 })
  const browser = createBrowser()
  const url = await browser.signInAt(`${server.url}/auth/oidc`, 'ada', (each) => each.startsWith(server.url + CALLBACK))
  expect((await browser.visit(url)).status).toBe(401)
  await server.close()
  await provider.close()
})

test('without a configured provider both addresses say so', async () => {
  const server = await startTestServer()
  for (const path of ['/auth/oidc', CALLBACK]) {
    const response = await fetch(server.url + path, { redirect: 'manual' })
    expect(response.status).toBe(404)
    expect((await jsonOf<{ message: string }>(response)).message).toContain('OpenID Connect is not configured')
  }
  await server.close()
})
