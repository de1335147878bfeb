import { setTimeout as sleep } from 'node:timers/promises'
import { breakingProxy } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ApiKeySource, createMgxClient, type MgxClientOptions, type MgxError, UnavailableError } from '../index.js'
import { answered, clientOver, failureOf, refusal, serverInMemory } from '../testing/client-over.js'
import { describeHttpServers } from '../testing/describe-servers.js'
import { answerJson, type Seen } from '../testing/stand-in-network.js'

/** A server that accepts only the credential `good`; answers each call of a batch. */
const acceptingOnly = (good: string, options?: MgxClientOptions) =>
  clientOver(({ url, headers }, response) => {
    const isGood = headers.authorization === `Bearer ${good}`
    const answer = isGood ? answered : refusal('unauthenticated', 401)
    const calls = url.split(',').length
    answerJson(response, calls > 1 ? Array(calls).fill(answer) : answer, isGood ? 200 : 401)
  }, options)

const authorizations = (seen: readonly Seen[]) => seen.map(({ headers }) => headers.authorization)

describe('an apiKey function', () => {
  test('is called for each request, and may be synchronous', async () => {
    let count = 0
    const { mgx, seen } = await clientOver((_, response) => answerJson(response, answered), {
      apiKey: () => `key-${++count}`,
    })
    await mgx.users.me()
    await mgx.users.me()
    expect(authorizations(seen)).toEqual(['Bearer key-1', 'Bearer key-2'])
  })

  test('is called once for the calls of one tick, which are sent in one request', async () => {
    let count = 0
    const apiKey = async () => {
      count += 1
      await sleep(20)
      return 'good'
    }
    const { mgx, seen } = await acceptingOnly('good', { apiKey })
    await Promise.all([mgx.users.me(), mgx.users.me(), mgx.system.health()])
    expect([count, seen.length]).toEqual([1, 1])
  })

  test('is called once more with a refused credential, and the call is repeated once', async () => {
    const asked: unknown[] = []
    const apiKey: ApiKeySource = async ({ rejected }) => {
      asked.push(rejected)
      return rejected === undefined ? 'ended' : 'good'
    }
    const { mgx, seen } = await acceptingOnly('good', { apiKey })
    // Not safe to repeat in general; a call that is refused for its credential has done nothing.
    await Promise.all([mgx.users.create({ username: 'a', email: 'a@example.com' }), mgx.users.me(), mgx.users.me()])
    expect(new Set(asked)).toEqual(new Set([undefined, 'ended']))
    expect(authorizations(seen).sort()).toEqual(['Bearer ended', 'Bearer ended', 'Bearer good', 'Bearer good'])
  })

  test.each([
    ['the same credential', 'wrong', 1],
    ['another wrong one', 'wrong-too', 2],
  ])('that returns %s after a refusal fails the call as unauthenticated', async (_, second, requests) => {
    const apiKey: ApiKeySource = ({ rejected }) => (rejected === undefined ? 'wrong' : second)
    const { mgx, seen } = await acceptingOnly('good', { apiKey })
    expect(await failureOf(mgx.users.me())).toMatchObject({ name: 'UnauthenticatedError', reason: 'unauthenticated' })
    expect(seen).toHaveLength(requests)
  })

  test('that fails rejects the call with its error as the cause, without a request or a retry', async () => {
    const cause = new Error('no token today')
    let count = 0
    const apiKey = () => {
      count += 1
      return Promise.reject(cause)
    }
    const { mgx, seen } = await acceptingOnly('good', { apiKey })
    const error = (await failureOf(mgx.users.me())) as MgxError
    expect(error).toMatchObject({ name: 'MgxError', reason: 'api_key_failed', path: 'users.me', cause })
    expect(error.message).toBe('users.me: apiKey failed: no token today')
    expect(error.stack).toContain('api-key.test.ts')
    expect([count, seen.length]).toEqual([1, 0])
  })

  test.each([
    [undefined, 'is missing'],
    ['', 'is missing'],
    [42, 'is missing'],
    ['a\nb', 'must be printable ASCII'],
  ])('must not return %j', async (returned, problem) => {
    const { mgx, seen } = await acceptingOnly('good', { apiKey: (() => returned) as unknown as ApiKeySource })
    const error = (await failureOf(mgx.users.me())) as MgxError
    expect(error.message).toContain(`apiKey failed: the value that the function returned ${problem}`)
    expect(seen).toHaveLength(0)
  })

  test.each([true, false])(
    'counts towards the time limits, and a cancelled call sends nothing (batch: %s)',
    async (batch) => {
      const { mgx, seen } = await acceptingOnly('good', { batch, apiKey: () => sleep(150, 'good') })
      const error = await failureOf(mgx.users.me({ timeoutMs: 30, maxRetries: 0 }))
      expect(error).toMatchObject({ name: 'TimeoutError', limit: 'timeoutMs' })
      await sleep(200)
      expect(seen).toHaveLength(0)
    },
  )

  test('is masked in what hooks receive', async () => {
    const received: string[] = []
    const { mgx } = await acceptingOnly('eyJhbGciOi.secret.part', {
      apiKey: () => 'eyJhbGciOi.secret.part',
      onRequest: (request) => received.push(JSON.stringify(request)),
    })
    await mgx.users.me()
    expect(received.join()).toContain('[masked]')
    expect(received.join()).not.toContain('eyJhbGciOi')
  })

  test('is used with the server in memory', async () => {
    const { url, fetch, apiKey } = await serverInMemory()
    const mgx = createMgxClient({ url, fetch, apiKey: async () => apiKey })
    expect((await mgx.users.me()).role).toBe('admin')
  })
})

const usage = { model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' }

describeHttpServers('a stream with an apiKey function', (server) => {
  test('is resumed with another credential when its own ends, and ends when there is no other', async () => {
    const admin = createMgxClient({ url: server.url, apiKey: server.apiKey })
    const { id: projectId } = await admin.projects.create({ name: 'Snake', idea: 'A game', investment: '100' })
    const record = () => admin.costs.record({ ...usage, projectId })
    const [first, second] = [await admin.sessions.create(), await admin.sessions.create()]
    const asked: (string | undefined)[] = []
    const mgx = createMgxClient({
      url: server.url,
      apiKey({ rejected }) {
        asked.push(rejected)
        return rejected === undefined ? first.token : second.token
      },
    })
    const written = [(await record()).record.id]
    const seen: number[] = []
    const watching = (async () => {
      for await (const { record } of mgx.costs.watch({ projectId, lastEventId: 0 })) seen.push(record.id)
    })()
    await expect.poll(() => seen).toEqual(written)
    await admin.sessions.close({ id: first.session.id })
    await expect.poll(() => asked, { timeout: 8_000 }).toEqual([undefined, first.token])
    written.push((await record()).record.id)
    await expect.poll(() => seen, { timeout: 8_000 }).toEqual(written)
    await admin.sessions.close({ id: second.session.id })
    await expect(watching).rejects.toMatchObject({ reason: 'unauthenticated', path: 'costs.watch' })
  }, 30_000)

  test('goes on when the function fails for a while, but not when it has never connected', async () => {
    const admin = createMgxClient({ url: server.url, apiKey: server.apiKey })
    const { id: projectId } = await admin.projects.create({ name: 'Snake', idea: 'A game', investment: '100' })
    const proxy = await breakingProxy(server.url)
    onTestFinished(proxy.close)
    const unavailable = new UnavailableError({ reason: 'unavailable', message: 'the token endpoint is restarting' })
    let calls = 0
    const mgx = createMgxClient({
      url: proxy.url,
      apiKey() {
        calls += 1
        if (calls === 2) throw unavailable
        return server.apiKey
      },
    })
    const written = [(await admin.costs.record({ ...usage, projectId })).record.id]
    const seen: number[] = []
    const watching = (async () => {
      for await (const { record } of mgx.costs.watch({ projectId, lastEventId: 0 }))
        if (seen.push(record.id) === 2) break
    })()
    await expect.poll(() => seen).toEqual(written)
    proxy.cut()
    written.push((await admin.costs.record({ ...usage, projectId })).record.id)
    await watching
    expect(seen).toEqual(written)
    const failing = createMgxClient({ url: server.url, apiKey: () => Promise.reject(unavailable) })
    const stream = failing.costs.watch({ projectId })[Symbol.asyncIterator]()
    expect(await failureOf(stream.next())).toMatchObject({ reason: 'api_key_failed', cause: unavailable })
  }, 30_000)
})
