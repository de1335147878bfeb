import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { clientCredentials, createMgxClient, type MgxError } from './index.js'
import { answered, failureOf, refusal } from './testing/client-over.js'
import { describeHttpServers } from './testing/describe-servers.js'
import { answerJson, type Seen, standInNetwork } from './testing/stand-in-network.js'

type Issue = (seen: Seen, response: ServerResponse, before: number) => unknown

const issued = (token: string, seconds = 600) => ({
  access_token: token,
  token_type: 'Bearer',
  expires_in: seconds,
  scope: 'record',
})

/** Starts a server whose token endpoint answers with `issue`, and whose procedures accept the tokens in `accepted`. */
async function serverWith(issue: Issue, accepted?: Set<string>) {
  const requests: Seen[] = []
  const calls: Seen[] = []
  const network = await standInNetwork((seen, response) => {
    if (seen.url === '/oauth/token') return issue(seen, response, requests.push(seen) - 1)
    calls.push(seen)
    const token = seen.headers.authorization?.slice('Bearer '.length) ?? ''
    const isGood = !accepted || accepted.has(token)
    return answerJson(response, isGood ? answered : refusal('unauthenticated', 401), isGood ? 200 : 401)
  })
  onTestFinished(network.close)
  const { url } = network
  const apiKey = clientCredentials({ url, clientId: 7, clientSecret: 'mgx_key_a:b %' })
  return { url, requests, calls, apiKey, mgx: createMgxClient({ url, apiKey, batch: false }) }
}

/** Issues `token-1`, `token-2`, … */
const issuing =
  (seconds?: number): Issue =>
  (_, response, before) =>
    answerJson(response, issued(`token-${before + 1}`, seconds))

const bearers = (calls: readonly Seen[]) => calls.map(({ headers }) => headers.authorization)

beforeEach(() => {
  vi.stubEnv('MGX_URL', undefined)
  vi.stubEnv('MGX_API_KEY', undefined)
})
afterEach(() => vi.unstubAllEnvs())

describe('clientCredentials', () => {
  test('exchanges the key for a token, by HTTP Basic, and calls with the token', async () => {
    const { url, requests, calls } = await serverWith(issuing())
    const apiKey = clientCredentials({
      url: `${url}/trpc`,
      clientId: '7',
      clientSecret: 'mgx_key_a:b %',
      scope: 'record',
      projectId: 3,
    })
    await createMgxClient({ url, apiKey }).users.me()
    const [request] = requests
    expect(request).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'record',
      project_id: '3',
    })
    // RFC 6749, section 2.3.1: both parts are form-encoded before they are joined.
    const [id, secret] = atob(request?.headers.authorization?.slice('Basic '.length) ?? '').split(':')
    expect([id, decodeURIComponent(secret ?? '')]).toEqual(['7', 'mgx_key_a:b %'])
    expect(bearers(calls)).toEqual(['Bearer token-1'])
  })

  test('takes url and key from the environment', async () => {
    const { url, requests } = await serverWith(issuing())
    vi.stubEnv('MGX_URL', url)
    vi.stubEnv('MGX_API_KEY', 'mgx_key_env')
    expect(await clientCredentials({ clientId: 7 })({ rejected: undefined })).toBe('token-1')
    expect(atob(requests[0]?.headers.authorization?.slice('Basic '.length) ?? '')).toBe('7:mgx_key_env')
  })

  test.each([
    [{}, 'clientId is missing'],
    [{ clientId: 7 }, 'clientSecret is missing'],
    [{ clientId: 7, clientSecret: 'k' }, 'url is missing'],
    [{ clientId: 7, clientSecret: 'k', url: 'ftp://x' }, 'url must begin with http'],
  ])('rejects %j: %s', (options, message) => {
    expect(() => clientCredentials(options as Parameters<typeof clientCredentials>[0])).toThrow(message)
  })

  test('requests one token for concurrent calls, and keeps it', async () => {
    const { mgx, requests, calls } = await serverWith(async (seen, response, before) => {
      await sleep(50)
      issuing()(seen, response, before)
    })
    await Promise.all(Array.from({ length: 50 }, () => mgx.users.me()))
    await mgx.users.me()
    expect(requests).toHaveLength(1)
    expect(new Set(bearers(calls))).toEqual(new Set(['Bearer token-1']))
  })

  describe('as time passes', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['performance'] })
    })
    afterEach(() => {
      vi.useRealTimers()
    })
    const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1_000)

    test('renews a token before it ends while calls go on with it, and waits for a new one after its end', async () => {
      const { mgx, requests, calls } = await serverWith(issuing())
      await mgx.users.me()
      pass(479)
      await mgx.users.me()
      expect(requests).toHaveLength(1)
      pass(2)
      await Promise.all([mgx.users.me(), mgx.users.me()])
      await expect.poll(() => requests.length).toBe(2)
      await sleep(50)
      await mgx.users.me()
      pass(601)
      await mgx.users.me()
      expect(bearers(calls).map((bearer) => bearer?.slice(-1))).toEqual(['1', '1', '1', '1', '2', '3'])
    })

    test('keeps a token that is still valid when the renewal fails', async () => {
      const { mgx, requests, calls } = await serverWith((seen, response, before) =>
        before === 0 ? issuing()(seen, response, before) : answerJson(response, { error: 'invalid_client' }, 401),
      )
      await mgx.users.me()
      pass(590)
      await mgx.users.me()
      await expect.poll(() => requests.length).toBe(2)
      pass(11)
      expect(await failureOf(mgx.users.me())).toMatchObject({ reason: 'api_key_failed' })
      expect(bearers(calls)).toEqual(['Bearer token-1', 'Bearer token-1'])
    })
  })

  test('replaces a token that the server refuses, once for all calls', async () => {
    const accepted = new Set(['token-2'])
    const { mgx, requests } = await serverWith(issuing(), accepted)
    await Promise.all(Array.from({ length: 20 }, () => mgx.users.me()))
    expect(requests).toHaveLength(2)
    accepted.clear()
    expect(await failureOf(mgx.users.me())).toMatchObject({ reason: 'unauthenticated' })
    expect(requests).toHaveLength(3)
  })

  test('retries while the token endpoint is unavailable', async () => {
    const { mgx, requests } = await serverWith((seen, response, before) =>
      before < 2
        ? answerJson(response, { error: 'temporarily_unavailable', error_description: 'starting' }, 503)
        : issuing()(seen, response, before),
    )
    await mgx.users.me()
    expect(requests).toHaveLength(3)
  })

  test.each([
    [
      401,
      { error: 'invalid_client', error_description: 'the key is wrong' },
      'unauthenticated',
      'invalid_client: the key is wrong',
    ],
    [400, { error: 'invalid_scope' }, 'invalid_scope', 'invalid_scope'],
    [404, 'nothing here', 'unexpected_answer', 'returned 404'],
    [200, { access_token: 'a' }, 'unexpected_answer', 'returned 200'],
  ])('rejects calls with the error of the endpoint: %i %j', async (status, body, reason, text) => {
    const { mgx, requests } = await serverWith((_, response) => answerJson(response, body, status))
    const error = (await failureOf(mgx.users.me())) as MgxError
    expect(error).toMatchObject({ reason: 'api_key_failed', path: 'users.me', cause: { reason, path: 'oauth.token' } })
    expect(error.message).toContain('users.me: apiKey failed: oauth.token: ')
    expect(error.message).toContain(text)
    expect(JSON.stringify(error)).not.toContain('mgx_key_a')
    expect(requests).toHaveLength(1)
  })
})

describeHttpServers('clientCredentials', (server) => {
  test('calls with tokens of the server, replaces one that it refuses, and ends with its key', async () => {
    const { url } = server
    const admin = createMgxClient({ url, apiKey: server.apiKey })
    const { apiKey: key, key: secret } = await admin.apiKeys.create({ name: 'agent', scopes: ['record'] })
    const source = clientCredentials({ url, clientId: key.id, clientSecret: secret })
    let broken = true
    const mgx = createMgxClient({
      url,
      async apiKey(asked) {
        const token = await source(asked)
        if (!broken) return token
        broken = false
        return `${token.slice(0, -4)}AAAA`
      },
    })
    const { id: projectId } = await admin.projects.create({ name: 'Snake', idea: 'A game', investment: '1' })
    expect((await mgx.budgets.get({ projectId })).remaining).toBe('1')
    expect(await failureOf(mgx.projects.create({ name: 'S', idea: 'S', investment: '1' }))).toMatchObject({
      reason: 'forbidden',
    })
    await admin.apiKeys.revoke({ id: key.id })
    const ended = await failureOf(mgx.users.me())
    expect(ended).toMatchObject({ reason: 'api_key_failed', cause: { reason: 'unauthenticated' } })
    expect((ended as MgxError).message).toContain('invalid_client')
  })

  test('narrows tokens to a scope and a project', async () => {
    const { url } = server
    const admin = createMgxClient({ url, apiKey: server.apiKey })
    const newProject = () => admin.projects.create({ name: 'Snake', idea: 'A game', investment: '1' })
    const [own, foreign] = [await newProject(), await newProject()]
    const { apiKey: key, key: secret } = await admin.apiKeys.create({ name: 'narrowed' })
    const apiKey = clientCredentials({ url, clientId: key.id, clientSecret: secret, scope: 'read', projectId: own.id })
    const mgx = createMgxClient({ url, apiKey })
    expect((await mgx.projects.get({ id: own.id })).id).toBe(own.id)
    expect(await failureOf(mgx.projects.get({ id: foreign.id }))).toMatchObject({ reason: 'not_found' })
    const wrong = createMgxClient({ url, apiKey: clientCredentials({ url, clientId: 999_999, clientSecret: secret }) })
    expect(await failureOf(wrong.users.me())).toMatchObject({ cause: { reason: 'unauthenticated' } })
  })
})
