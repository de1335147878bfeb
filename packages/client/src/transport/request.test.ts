import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { ConnectionError, contractHash, createMgxClient, InternalError, MgxError, UnavailableError } from '../index.js'
import { answered, clientOver, failureOf, refusal } from '../testing/client-over.js'
import { answerJson, type Seen, standInNetwork } from '../testing/stand-in-network.js'

const record = { projectId: 1, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' }
const networkOf: typeof clientOver = (answer) => clientOver(answer, { headers: { 'x-team': 'red' } })

const keysOf = (seen: Seen[]) => seen.map(({ body }) => JSON.parse(body).idempotencyKey)

describe('what goes over the wire', () => {
  test('is a POST with the key in a header and no input in the URL', async () => {
    const { mgx, seen } = await networkOf((_, response) => answerJson(response, answered))
    await mgx.sessions.verify({ token: 'mgx_ses_secret' })
    expect(seen).toMatchObject([{ method: 'POST', url: '/trpc/sessions.verify', body: '{"token":"mgx_ses_secret"}' }])
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer mgx_key_a',
      'x-team': 'red',
      'content-type': 'application/json',
    })
  })

  test('has an idempotency key on calls that count something: a generated one, or the caller’s', async () => {
    const { mgx, seen } = await networkOf((_, response) => answerJson(response, answered))
    await mgx.costs.record(record)
    await mgx.costs.record(record)
    await mgx.costs.record({ ...record, idempotencyKey: 'mine' })
    await mgx.prices.set({ model: 'ours', inputPrice: 1, outputPrice: 2 })
    const [first, second, third, price] = keysOf(seen)
    expect(first).toMatch(/^[0-9a-f]{32}$/)
    expect(second).not.toBe(first)
    expect(third).toBe('mine')
    expect(price).toMatch(/^[0-9a-f]{32}$/)
  })

  test('identifies the client on every kind of call', async () => {
    const { mgx, seen } = await networkOf(({ url }, response) =>
      answerJson(response, url.includes('batch') ? [answered, answered] : refusal('forbidden', 403)),
    )
    await Promise.all([mgx.users.me(), mgx.system.health()])
    const headers = { 'x-team': 'blue' }
    await failureOf(mgx.costs.record(record, { headers }))
    await failureOf(mgx.costs.watch({ projectId: 1 }, { headers })[Symbol.asyncIterator]().next())
    expect(seen.map(({ url, headers }) => [url, headers['x-team'], headers['x-mgx-client']])).toEqual(
      [
        ['/trpc/users.me,system.health?batch=1', 'red'],
        ['/trpc/costs.record', 'blue'],
        ['/trpc/costs.watch', 'blue'],
      ].map((sent) => [...sent, `${manifest.version}/${contractHash}`]),
    )
    const own = { headers: { 'X-MGX-Client': 'mine' } }
    expect(await failureOf(mgx.users.me(own))).toMatchObject({ message: expect.stringContaining('set by the client') })
  })

  test('has a key on each record of recordMany, without changing the caller’s objects', async () => {
    const { mgx, seen } = await networkOf((_, response) => answerJson(response, answered))
    const records = [record, { ...record, idempotencyKey: 'mine' }, record]
    await mgx.costs.recordMany({ records })
    const keys: string[] = JSON.parse(seen[0]?.body ?? '').records.map(
      (sent: { idempotencyKey: string }) => sent.idempotencyKey,
    )
    expect(new Set(keys).size).toBe(3)
    expect(keys[1]).toBe('mine')
    expect(records[0]).not.toHaveProperty('idempotencyKey')
  })
})

describe('the client retries', () => {
  const busyTwice = (_: Seen, response: ServerResponse, before: number) =>
    before < 2 ? answerJson(response, refusal('unavailable', 503), 503) : answerJson(response, answered)
  const cutTwice = (_: Seen, response: ServerResponse, before: number) =>
    before < 2 ? response.destroy() : answerJson(response, answered)

  test('a query, after 503 twice', async () => {
    const { mgx, seen } = await networkOf(busyTwice)
    expect(await mgx.projects.get({ id: 1 })).toEqual({ answer: 42 })
    expect(seen).toHaveLength(3)
  })

  test('a call with an idempotency key, under the same key', async () => {
    const { mgx, seen } = await networkOf(cutTwice)
    await mgx.costs.record(record)
    expect(new Set(keysOf(seen)).size).toBe(1)
    expect(seen).toHaveLength(3)
  })

  test.each([
    ['settle', { ...record, projectId: undefined, reservationId: 1 }],
    ['release', { reservationId: 1 }],
    ['extend', { reservationId: 1, ttlSeconds: 60 }],
  ] as const)('budgets.%s, which does no more when it is done twice', async (method, input) => {
    const { mgx, seen } = await networkOf(cutTwice)
    const call: (input: unknown) => Promise<unknown> = mgx.budgets[method] as never
    expect(await call(input)).toEqual({ answer: 42 })
    expect(new Set(seen.map(({ body }) => body)).size).toBe(1)
    expect(seen).toHaveLength(3)
  })

  test('after a 503 of a proxy', async () => {
    const { mgx, seen } = await networkOf((_, response, before) =>
      before < 1
        ? response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>busy</h1>')
        : answerJson(response, answered),
    )
    await mgx.projects.get({ id: 1 })
    expect(seen).toHaveLength(2)
  })

  test('at most twice', async () => {
    const { mgx, seen } = await networkOf((_, response) => answerJson(response, refusal('unavailable', 503), 503))
    const failure = await mgx.projects.get({ id: 1 }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(UnavailableError)
    expect(failure).toMatchObject({ reason: 'unavailable', status: 503, requestId: 'req-1', path: 'projects.get' })
    expect(seen).toHaveLength(3)
  })

  test('not a call that might count twice', async () => {
    const { mgx, seen } = await networkOf(cutTwice)
    await expect(mgx.users.create({ username: 'a', email: 'a@example.com' })).rejects.toBeInstanceOf(ConnectionError)
    expect(seen).toHaveLength(1)
  })

  test('not a call that the server rejected', async () => {
    const { mgx, seen } = await networkOf((_, response) => answerJson(response, refusal('internal', 500), 500))
    await expect(mgx.projects.get({ id: 1 })).rejects.toBeInstanceOf(InternalError)
    expect(seen).toHaveLength(1)
  })
})

describe('an unusable or unknown response', () => {
  test('no server: a ConnectionError with the URL and the cause', async () => {
    const { url, close } = await standInNetwork(() => undefined)
    await close()
    const failure = await createMgxClient({ url, apiKey: 'k' })
      .users.me()
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ConnectionError)
    expect(failure).toMatchObject({
      reason: 'connection_failed',
      status: undefined,
      path: 'users.me',
      cause: expect.any(TypeError),
    })
    expect(String(failure)).toContain(`users.me: no response from ${url}/trpc/users.me: connect ECONNREFUSED`)
  })

  test('input that is not JSON is never sent', async () => {
    const { mgx, seen } = await networkOf((_, response) => answerJson(response, answered))
    await expect(mgx.projects.create({ name: 'a', idea: 'b', metadata: { size: 1n } })).rejects.toBeInstanceOf(
      TypeError,
    )
    expect(seen).toHaveLength(0)
  })

  test('a reason that this client does not know yet', async () => {
    const { mgx } = await networkOf((_, response) => answerJson(response, refusal('toString', 418), 418))
    const failure = await mgx.users.me().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(MgxError)
    expect(failure).toMatchObject({ name: 'MgxError', reason: 'toString', status: 418 })
  })
})

describe('cancelling a call', () => {
  test('throws the reason of the signal while the server is silent', async () => {
    const { mgx } = await networkOf(() => undefined)
    const controller = new AbortController()
    const call = mgx.users.me({ signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 20)
    await expect(call).rejects.toThrow('enough')
  })

  test('sends nothing when the signal is already aborted', async () => {
    const { mgx, seen } = await networkOf((_, response) => answerJson(response, answered))
    await expect(mgx.users.me({ signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow('never')
    expect(seen).toHaveLength(0)
  })

  test('ends the wait before a retry', async () => {
    const controller = new AbortController()
    const { mgx, seen } = await networkOf((_, response) => {
      answerJson(response, refusal('unavailable', 503), 503)
      setTimeout(() => controller.abort(new Error('enough')), 5)
    })
    await expect(mgx.users.me({ signal: controller.signal })).rejects.toThrow('enough')
    expect(seen.length).toBeLessThan(3)
  })
})
