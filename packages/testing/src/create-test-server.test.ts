import type { AppRouter } from '@mgx/api'
import { createTRPCClient, httpBatchLink, httpLink, TRPCClientError } from '@trpc/client'
import { afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createTestServer, type Failure, type TestServer, type TestServerOptions } from './index.js'

const tokens = { promptTokens: 1000, completionTokens: 500 }
const cost = { model: 'm', ...tokens, totalCost: '0.1' }
const LEAP_DAY = Date.parse('2020-02-29T12:00:00Z')

const headersOf = (apiKey: string) => ({ authorization: `Bearer ${apiKey}` })
const callerOf = ({ url, fetch, apiKey }: TestServer) =>
  createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc`, fetch, headers: headersOf(apiKey) })] })

async function start(options?: TestServerOptions) {
  const server = await createTestServer(options)
  onTestFinished(() => server.close())
  const caller = callerOf(server)
  const { id: projectId } = await caller.projects.create.mutate({ name: 'n', idea: 'i', investment: '1' })
  return { server, caller, projectId }
}

/** Returns the reason with which a call is rejected. */
async function reasonOf(call: Promise<unknown>): Promise<unknown> {
  const failure = await call.catch((error: unknown) => error)
  return failure instanceof TRPCClientError ? (failure.data?.reason ?? failure.message) : failure
}

// The first server of a process migrates the database from which the others are copied.
beforeAll(async () => (await createTestServer()).close())

test('two servers share nothing', async () => {
  const [one, other] = [await start(), await start()]
  expect(one.projectId).toBe(other.projectId)
  await one.caller.costs.record.mutate({ projectId: one.projectId, ...cost })
  expect(await other.caller.costs.total.query({ projectId: one.projectId })).toMatchObject({ records: 0 })
  expect(await reasonOf(callerOf({ ...other.server, apiKey: one.server.apiKey }).users.me.query())).toBe(
    'unauthenticated',
  )
})

test('an API key works until it is revoked, even with a fixed clock', async () => {
  const { server, caller } = await start({ now: () => LEAP_DAY })
  const { user, apiKey } = await caller.users.create.mutate({ username: 'ada', email: 'ada@example.com' })
  const ada = callerOf({ ...server, apiKey: apiKey ?? '' })
  expect(await ada.users.me.query()).toEqual(user)
  const { items } = await caller.apiKeys.list.query({ userId: user.id })
  await caller.apiKeys.revoke.mutate({ id: items[0]?.id ?? 0 })
  expect(await reasonOf(ada.users.me.query())).toBe('unauthenticated')
})

test('prices calls from the catalogue and records provider responses', async () => {
  const { caller, projectId } = await start()
  const priced = await caller.costs.record.mutate({ projectId, model: 'gpt-4-turbo', ...tokens })
  expect(priced.record.totalCost).toBe('0.025')
  const response = { model: 'gpt-4o', usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 } }
  const { record } = await caller.costs.recordUsage.mutate({ projectId, provider: 'openai', response })
  expect(record).toMatchObject({ model: 'gpt-4o', promptTokens: 1000, totalCost: '0.0075' })
  expect(await caller.system.verify.query()).toMatchObject({ ok: true })
})

describe('the clock', () => {
  afterEach(() => vi.useRealTimers())

  test('can be advanced, so that holds, sessions and keys expire', async () => {
    const { server, caller, projectId } = await start()
    const { reservation } = await caller.budgets.reserve.mutate({ projectId, amount: '1', ttlSeconds: 60 })
    const { token } = await caller.sessions.create.mutate({ ttlSeconds: 61 })
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const { key } = await caller.apiKeys.create.mutate({ name: 'for an hour', expiresAt })
    const [session, hour] = [token, key].map((apiKey) => callerOf({ ...server, apiKey }))
    expect(await reasonOf(caller.budgets.reserve.mutate({ projectId, amount: '1' }))).toBe('budget_exceeded')
    server.advance(60)
    expect(await caller.budgets.get.query({ projectId })).toMatchObject({ reserved: '0', remaining: '1' })
    expect(await caller.budgets.settle.mutate({ ...cost, reservationId: reservation.id })).toMatchObject({
      late: true,
      reservation: { status: 'expired' },
    })
    expect(await session?.users.me.query()).toMatchObject({ username: 'admin' })
    expect(await hour?.users.me.query()).toMatchObject({ username: 'admin' })
    server.advance(1)
    expect(await reasonOf(session?.users.me.query() ?? Promise.resolve())).toBe('unauthenticated')
    server.advance(3_600)
    expect(await reasonOf(hour?.users.me.query() ?? Promise.resolve())).toBe('unauthenticated')
  })

  test('is the one passed as now, or Date.now as faked by a test framework', async () => {
    const { caller } = await start({ now: () => LEAP_DAY })
    const created = await caller.projects.get.query({ id: 1 })
    expect(created).toMatchObject({ createdAt: '2020-02-29T12:00:00.000Z', updatedAt: '2020-02-29T12:00:00.000Z' })
    vi.useFakeTimers({ now: LEAP_DAY })
    const faked = await start()
    expect((await faked.caller.projects.get.query({ id: 1 })).createdAt).toBe(created.createdAt)
    await faked.caller.budgets.reserve.mutate({ projectId: faked.projectId, amount: '1', ttlSeconds: 60 })
    vi.advanceTimersByTime(60_000)
    expect((await faked.caller.budgets.get.query({ projectId: faked.projectId })).reserved).toBe('0')
    expect(await faked.caller.reports.spend.query({ groupBy: ['model'] })).toMatchObject({ items: [] })
    await faked.server.close()
  })
})

describe('a planned failure', () => {
  test('that is invalid throws immediately, as does a negative advance', async () => {
    const { server } = await start()
    expect(() => server.failNext('no_such_reason' as Failure)).toThrow('unknown failure: no_such_reason')
    expect(() => server.failNext('internal', { procedure: 'costs.recrod' })).toThrow('unknown procedure: costs.recrod')
    for (const times of [0, 1.5]) expect(() => server.failNext('internal', { times })).toThrow(TypeError)
    for (const seconds of [-1, Number.NaN]) expect(() => server.advance(seconds)).toThrow(TypeError)
  })

  test('affects a procedure the given number of times, without executing the calls', async () => {
    const { server, caller, projectId } = await start()
    server.failNext('unavailable', { procedure: 'budgets.reserve', times: 2 })
    const reserve = () => caller.budgets.reserve.mutate({ projectId, amount: '1' })
    await caller.costs.record.mutate({ projectId, ...cost, totalCost: '0' })
    expect([await reasonOf(reserve()), await reasonOf(reserve())]).toEqual(['unavailable', 'unavailable'])
    expect((await reserve()).budget.reserved).toBe('1')
  })

  test('loses the connection before the call is executed, or the response after it', async () => {
    const { server, caller, projectId } = await start()
    server.failNext('connection_lost')
    expect(await reasonOf(caller.costs.record.mutate({ projectId, ...cost }))).toBe('fetch failed')
    expect((await caller.costs.total.query({ projectId })).records).toBe(0)
    server.failNext('reply_lost')
    expect(await reasonOf(caller.costs.record.mutate({ projectId, ...cost }))).toBe('fetch failed')
    expect((await caller.costs.total.query({ projectId })).records).toBe(1)
  })

  test.each([undefined, 'POST'] as const)('affects only one call of a batch (%s)', async (methodOverride) => {
    const { server, projectId } = await start()
    const link = httpBatchLink({
      url: `${server.url}/trpc`,
      fetch: server.fetch,
      headers: headersOf(server.apiKey),
      ...(methodOverride && { methodOverride }),
    })
    const batch = createTRPCClient<AppRouter>({ links: [link] })
    server.failNext('forbidden', { procedure: 'costs.total' })
    const [project, total, me] = await Promise.all([
      batch.projects.get.query({ id: projectId }),
      reasonOf(batch.costs.total.query({ projectId })),
      batch.users.me.query(),
    ])
    expect([project.id, total, me.username]).toEqual([projectId, 'forbidden', 'admin'])
  })
})

describe('a response', () => {
  const ask = ({ url, fetch, apiKey }: TestServer, path: string, body?: string) =>
    fetch(url + path, {
      method: 'POST',
      headers: { ...headersOf(apiKey), 'content-type': 'application/json' },
      ...(body !== undefined && { body }),
    })

  test('has the headers of the server', async () => {
    const { server } = await start()
    const answered = await ask(server, '/trpc/system.health')
    expect(Object.fromEntries(answered.headers)).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-mgx-contract': expect.any(String),
      'x-request-id': expect.any(String),
    })
    const refused = await ask({ ...server, apiKey: 'wrong' }, '/trpc/users.me')
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(await refused.json()).toMatchObject({
      error: { data: { requestId: refused.headers.get('x-request-id') } },
    })
    server.failNext('unavailable')
    expect((await ask(server, '/trpc/users.me')).headers.get('retry-after')).toBe('1')
  })

  test.each([
    ['a body that is too large', '/trpc/projects.create', 'x'.repeat(1024 * 1024 + 1), 413, 'payload_too_large'],
    ['a body that is not JSON', '/trpc/projects.create', '{"name":', 400, 'invalid_input'],
    ['an unknown procedure', '/trpc/no.such', '{}', 404, 'not_found'],
    ['another path', '/api/projects', '{}', 404, 'not_found'],
    ['a large batch', `/trpc/${Array(51).fill('users.me').join()}?batch=1`, '{}', 400, 'invalid_input'],
  ])('rejects %s', async (_, path, body, status, reason) => {
    const { server } = await start()
    const answer = await ask(server, path, body)
    const { error } = (await answer.json()) as { error: { data: Record<string, unknown> } }
    expect([answer.status, error.data.reason]).toEqual([status, reason])
    expect(error.data.requestId).toBe(answer.headers.get('x-request-id'))
  })

  test('rejects a batch that is not JSON, also when one of its calls is to fail', async () => {
    const { server } = await start()
    server.failNext('forbidden')
    const answer = await ask(server, '/trpc/users.update,users.update?batch=1', '{"0":')
    const refusal = { error: { data: { reason: 'invalid_input' } } }
    expect([answer.status, await answer.json()]).toMatchObject([400, [refusal, refusal]])
  })

  test('rejects when the signal is aborted or the server is closed', async () => {
    const { server, caller } = await start()
    const aborted = AbortSignal.abort(new Error('no time'))
    await expect(server.fetch(`${server.url}/trpc/system.health`, { signal: aborted })).rejects.toThrow('no time')
    const pending = new AbortController()
    const answer = server.fetch(`${server.url}/trpc/system.health`, { signal: pending.signal })
    pending.abort(new Error('no patience'))
    await expect(answer).rejects.toThrow('no patience')
    await server.close()
    await server.close()
    expect(await reasonOf(caller.system.health.query())).toBe('fetch failed')
  })
})
