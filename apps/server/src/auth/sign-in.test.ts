import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookieOf, jsonOf, post, withCookie } from '../testing/browser.js'
import { call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

describe.each(testDatabases)('sign-in with an API key on $name', ({ url: newDatabase }) => {
  let server: TestServer
  let other: TestServer
  beforeAll(async () => {
    const databaseUrl = await newDatabase()
    server = await startTestServer({ databaseUrl })
    other = await startTestServer({ databaseUrl, adminApiKey: server.adminApiKey })
  })
  afterAll(async () => {
    await other?.close()
    await server?.close()
  })

  const asAdmin = (procedure: string, input?: unknown) =>
    call({ url: server.url, apiKey: server.adminApiKey }, procedure, input) as Promise<never>
  const signIn = (apiKey: unknown, headers = {}) => post(`${server.url}/auth/sign-in`, headers, { apiKey })
  const signOut = (headers = {}) => post(`${server.url}/auth/sign-out`, headers)
  const me = (headers: Record<string, string>, at = server) => post(`${at.url}/trpc/users.me`, headers)
  const status = async (cookie: string, at = server) => (await me(withCookie(cookie), at)).status

  let users = 0
  async function newUser() {
    users += 1
    const username = `user-${users}`
    const created: { user: { id: number }; apiKey: string } = await asAdmin('users.create', {
      username,
      email: `${username}@example.com`,
    })
    return { ...created, by: { url: server.url, apiKey: created.apiKey } }
  }
  async function newCookie(apiKey: string) {
    const response = await signIn(apiKey)
    expect(response.status).toBe(200)
    return cookieOf(response)
  }

  test('opens a session in a cookie that scripts cannot read and other sites cannot send', async () => {
    const { user, apiKey } = await newUser()
    const begin = Date.now()
    const response = await signIn(apiKey)
    expect(response.status).toBe(200)
    const answer = await jsonOf<{ user: object; expiresAt: string }>(response)
    expect(Object.keys(answer).sort()).toEqual(['expiresAt', 'user'])
    expect(answer.user).toMatchObject({ id: user.id, role: 'member' })
    expect(Date.parse(answer.expiresAt) - begin).toBeGreaterThan(12 * 3_600_000 - 60_000)
    expect(Date.parse(answer.expiresAt) - begin).toBeLessThan(12 * 3_600_000 + 60_000)
    expect(response.headers.get('set-cookie')).toMatch(
      /^mgx_session=mgx_ses_[\w-]+; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(response.headers.get('cache-control')).toBe('no-store')
    const cookie = cookieOf(response)
    const called = await me(withCookie(cookie))
    expect(await jsonOf(called)).toMatchObject({ result: { data: { id: user.id } } })
  })

  test.each([
    ['a wrong key', () => 'mgx_key_wrong', 401],
    ['a wrong key without a prefix', () => 'wrong-key-wrong-key', 401],
    ['no key', () => undefined, 400],
    ['an empty key', () => '', 400],
    ['a number', () => 7, 400],
    ['a key with a line break', () => 'a\r\nb', 401],
  ])('refuses %s, sets no cookie and does not repeat the key', async (_, key, expected) => {
    const response = await signIn(key())
    expect(response.status).toBe(expected)
    expect(response.headers.get('set-cookie')).toBeNull()
    const { reason, requestId, message } = await jsonOf<Record<string, string>>(response)
    expect(reason).toBe(expected === 401 ? 'unauthenticated' : 'invalid_input')
    expect(requestId).toBe(response.headers.get('x-request-id'))
    expect(message).not.toContain('wrong')
  })

  test('refuses an expired and a revoked key, a session token, and a deactivated user', async () => {
    const { user, by, apiKey } = await newUser()
    const ending = (await call(by, 'apiKeys.create', {
      name: 'ending',
      expiresAt: new Date(Date.now() + 4_000).toISOString(),
    })) as { key: string }
    const revoked = (await call(by, 'apiKeys.create', { name: 'revoked' })) as { key: string; apiKey: { id: number } }
    await call(by, 'apiKeys.revoke', { id: revoked.apiKey.id })
    expect((await signIn(revoked.key)).status).toBe(401)
    const cookie = await newCookie(ending.key)
    expect((await signIn(cookie.split('=')[1])).status).toBe(401)
    const { token } = (await call(by, 'sessions.create')) as { token: string }
    expect((await signIn(token)).status).toBe(401)
    await expect.poll(async () => (await signIn(ending.key)).status, { timeout: 12_000 }).toBe(401)
    // The session is not valid beyond its key.
    expect(await status(cookie)).toBe(401)
    await asAdmin('users.deactivate', { id: user.id })
    expect((await signIn(apiKey)).status).toBe(401)
  }, 20_000)

  test('a session may do what its key may: a reader reads, and a person manages keys', async () => {
    const { by, apiKey } = await newUser()
    const reader = (await call(by, 'apiKeys.create', { name: 'reader', scopes: ['read'] })) as { key: string }
    const create = (cookie: string, procedure: string, input: object) =>
      post(`${server.url}/trpc/${procedure}`, withCookie(cookie), input)
    const project = { name: 'Snake', idea: 'A game', investment: '1' }
    expect((await create(await newCookie(reader.key), 'projects.create', project)).status).toBe(403)
    const cookie = await newCookie(apiKey)
    expect((await create(cookie, 'projects.create', project)).status).toBe(200)
    expect((await create(cookie, 'apiKeys.create', { name: 'from the browser' })).status).toBe(200)
  })

  test('a session of a key that is bound to a project is bound to it too', async () => {
    const { by } = await newUser()
    const newProject = () =>
      call(by, 'projects.create', { name: 'S', idea: 'S', investment: '1' }) as Promise<{ id: number }>
    const [bound, foreign] = [await newProject(), await newProject()]
    const { key } = (await call(by, 'apiKeys.create', { name: 'bound', projectId: bound.id })) as { key: string }
    const cookie = await newCookie(key)
    const get = (id: number) => post(`${server.url}/trpc/projects.get`, withCookie(cookie), { id })
    expect((await get(bound.id)).status).toBe(200)
    expect((await get(foreign.id)).status).toBe(404)
  })

  test('wrong keys at the sign-in count towards the limit of their address', async () => {
    const limited = await startTestServer({ limits: { failures: 3 } })
    const attempt = (count: number) => post(`${limited.url}/auth/sign-in`, {}, { apiKey: `wrong-key-number-${count}` })
    for (const count of [1, 2, 3]) expect((await attempt(count)).status).toBe(401)
    const refused = await attempt(4)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await jsonOf(refused)).toMatchObject({ reason: 'rate_limited' })
    await limited.close()
  })

  test('takes only JSON', async () => {
    const body = new URLSearchParams({ apiKey: server.adminApiKey })
    const form = await fetch(`${server.url}/auth/sign-in`, { method: 'POST', body })
    expect(form.status).toBe(415)
    const text = {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: `{"apiKey":"${server.adminApiKey}"}`,
    }
    expect((await fetch(`${server.url}/auth/sign-in`, text)).status).toBe(415)
  })

  test('ends the earlier session of the browser', async () => {
    const { apiKey } = await newUser()
    const first = await newCookie(apiKey)
    const second = cookieOf(await signIn(apiKey, withCookie(first)))
    expect(second).not.toBe(first)
    expect([await status(first), await status(second)]).toEqual([401, 200])
    // A refused sign-in leaves it alone.
    expect((await signIn('mgx_key_wrong', withCookie(second))).status).toBe(401)
    expect(await status(second)).toBe(200)
  })

  test('sign-out ends the session here at once and on another server within 5 seconds', async () => {
    const { apiKey } = await newUser()
    const cookie = await newCookie(apiKey)
    expect(await status(cookie, other)).toBe(200)
    const response = await signOut(withCookie(cookie))
    expect(response.status).toBe(204)
    expect(response.headers.get('set-cookie')).toBe('mgx_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict')
    expect(await status(cookie)).toBe(401)
    await expect.poll(() => status(cookie, other), { timeout: 5_000, interval: 200 }).toBe(401)
    expect((await signOut(withCookie(cookie))).status).toBe(204)
    const { items } = (await asAdmin('sessions.list')) as { items: { status: string }[] }
    expect(items.length).toBeGreaterThan(0)
  }, 15_000)

  test('a session ends with its key and with its user, and cannot be extended', async () => {
    const { user, by, apiKey } = await newUser()
    const second = (await call(by, 'apiKeys.create', { name: 'b' })) as { key: string; apiKey: { id: number } }
    const [ofSecond, ofFirst] = [await newCookie(second.key), await newCookie(apiKey)]
    const { items } = (await call(by, 'sessions.list')) as { items: { id: number; status: string }[] }
    await expect(call(by, 'sessions.extend', { id: items[0]?.id, ttlSeconds: 999_999 })).rejects.toThrow('conflict')
    expect([await status(ofSecond), await status(ofFirst)]).toEqual([200, 200])
    await call(by, 'apiKeys.revoke', { id: second.apiKey.id })
    expect([await status(ofSecond), await status(ofFirst)]).toEqual([401, 200])
    await asAdmin('users.deactivate', { id: user.id })
    expect(await status(ofFirst)).toBe(401)
  })

  test('each sign-in and sign-out writes one audit entry without the token', async () => {
    const { user, apiKey } = await newUser()
    const cookie = await newCookie(apiKey)
    await signOut(withCookie(cookie))
    const rows = await server.services
      .db('audit_log')
      .where({ user_id: user.id })
      .whereLike('action', 'auth.%')
      .orderBy('id')
    expect(rows.map((row) => [row.action, row.actor])).toEqual([
      ['auth.signIn', `user:${user.id}`],
      ['auth.signOut', `user:${user.id}`],
    ])
    expect(rows[0]?.credential).toMatch(/^apiKey:\d+$/)
    expect(rows[0]?.address).toBe('127.0.0.1')
    expect(JSON.stringify(rows)).not.toContain(cookie.split('=')[1])
  })
})
