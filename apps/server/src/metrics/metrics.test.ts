import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

/** The fields of replies that these tests read. */
type Reply = { id: number; apiKey: string; reservation: { id: number } }

type Samples = Map<string, number>

/** Returns the samples of a scrape, by name and labels. */
async function scrape({ url }: Pick<TestServer, 'url'>): Promise<Samples> {
  const response = await fetch(`${url}/metrics`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/plain')
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }),
  )
}

const named = (samples: Samples, name: string) =>
  Object.fromEntries(
    [...samples]
      .filter(([key]) => key === name || key.startsWith(`${name}{`))
      .map(([key, n]) => [key.slice(name.length), n]),
  )

const refused = (reason: string) => expect.stringMatching(new RegExp(`^${reason}: `))

describe.each(testDatabases)('the metrics on $name', (database) => {
  async function start(options: Parameters<typeof startTestServer>[0] = {}) {
    const server = await startTestServer({ databaseUrl: await database.migratedUrl(), ...options })
    onTestFinished(() => server.close())
    const as = (apiKey: string) => (procedure: string, input?: unknown) =>
      call({ ...server, apiKey }, procedure, input).catch((error: Error) => error.message) as Promise<Reply>
    return { server, as, admin: as(server.adminApiKey) }
  }
  const usage = { model: 'gpt-4o', promptTokens: 100, completionTokens: 20, cachedPromptTokens: 30 }

  test('tell costs, tokens, holds, overruns, expiries and refusals of a known sequence of calls', async () => {
    const { server, as, admin } = await start()
    const { apiKey } = await admin('users.create', {
      username: 'zoe',
      email: 'z@example.com',
      spendingLimit: '10',
    })
    const zoe = as(apiKey)
    const { id: projectId } = await zoe('projects.create', { name: 'Snake', idea: 'A game', investment: '5' })
    const { id: rich } = await zoe('projects.create', { name: 'Rich', idea: 'A game', investment: '100' })
    const first = { projectId, ...usage, totalCost: '0.1', idempotencyKey: 'first' }
    const before = await scrape(server)
    await zoe('costs.record', first)
    // A repeat counts for nothing.
    await zoe('costs.record', first)
    await zoe('costs.recordMany', { records: [first, { projectId, ...usage, totalCost: '0.2' }] })
    await zoe('costs.record', { projectId, ...usage, model: 'our-own', totalCost: '0.000000001' })
    await zoe('costs.record', { projectId, ...usage, cachedPromptTokens: 0 })
    expect(await zoe('costs.record', { projectId, ...usage, model: 'no-such-model' })).toEqual(refused('unknown_model'))
    await admin('costs.adjust', { projectId, totalCost: '0.25', reason: 'too much' })

    const held = async (amount: string, more = {}) =>
      (await zoe('budgets.reserve', { projectId, amount, ...more })).reservation
    const settled = { ...usage, totalCost: '0.5' }
    const over = await held('0.3')
    await zoe('budgets.settle', { reservationId: over.id, ...settled })
    await zoe('budgets.settle', { reservationId: over.id, ...settled })
    await zoe('budgets.settle', { reservationId: (await held('0.6')).id, ...settled })
    const { id: released } = await held('0.7', { idempotencyKey: 'once' })
    await held('0.7', { idempotencyKey: 'once' })
    await zoe('budgets.release', { reservationId: released })
    await zoe('budgets.release', { reservationId: released })
    const late = await held('0.8', { ttlSeconds: 1 })
    await held('0.9')
    expect(await zoe('budgets.reserve', { projectId, amount: '4' })).toEqual(refused('budget_exceeded'))
    expect(await zoe('budgets.reserve', { projectId: rich, amount: '20' })).toEqual(refused('budget_exceeded'))
    expect(await zoe('budgets.reserve', { projectId: rich, amount: '20' })).toEqual(refused('budget_exceeded'))
    await expect
      .poll(async () => (await scrape(server)).get('mgx_reservations_expired_total'), { timeout: 9_000 })
      .toBe(1)
    // It stays expired, and costs more than was reserved.
    await zoe('budgets.settle', { reservationId: late.id, ...usage, totalCost: '0.85' })

    const after = await scrape(server)
    expect(named(after, 'mgx_cost_usd_total')).toEqual({
      '{model="gpt-4o",price_source="caller"}': 2.15,
      '{model="our-own",price_source="caller"}': 1e-9,
      '{model="gpt-4o",price_source="catalogue"}': 0.00045,
    })
    expect(named(after, 'mgx_tokens_total')).toEqual({
      '{model="gpt-4o",type="input"}': 600,
      '{model="gpt-4o",type="output"}': 120,
      '{model="our-own",type="input"}': 100,
      '{model="our-own",type="output"}': 20,
    })
    expect(named(after, 'mgx_budget_refusals_total')).toEqual({ '{account="project"}': 1, '{account="user"}': 2 })
    expect(named(after, 'mgx_reservations')).toEqual({
      '{status="held"}': 1,
      '{status="settled"}': 2,
      '{status="released"}': 1,
      '{status="expired"}': 1,
    })
    expect(after.get('mgx_reserved_usd')).toBe(0.9)
    expect(after.get('mgx_overrun_usd_total')).toBe(0.25)
    expect(after.get('mgx_commit_waiting')).toBe(0)
    // The calls ran one after the other, each in a group of its own; recordMany has two operations.
    const grew = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
    expect(grew('mgx_commit_group_size_sum')).toBeGreaterThanOrEqual(22)
    expect(grew('mgx_commit_group_size_count')).toBe(grew('mgx_commit_duration_seconds_count'))
    expect(grew('mgx_commit_group_size_count')).toBeGreaterThanOrEqual(21)
    expect(grew('mgx_commit_duration_seconds_sum')).toBeGreaterThan(0)
    const pool = named(after, 'mgx_db_pool')
    expect(Object.keys(pool)).toEqual(['{state="used"}', '{state="idle"}', '{state="pending"}'])
    expect((pool['{state="used"}'] ?? 0) + (pool['{state="idle"}'] ?? 0)).toBeGreaterThan(0)
    expect(named(after, 'rpc_server_call_duration_seconds_count')).toMatchObject({
      '{rpc_method="costs.record"}': 4,
      '{rpc_method="costs.record",error_type="unknown_model"}': 1,
      '{rpc_method="budgets.reserve",error_type="budget_exceeded"}': 3,
    })
    // Nobody is named.
    const text = [...after.keys()].join('\n')
    for (const name of ['zoe', 'Snake', apiKey, server.adminApiKey]) expect(text.includes(name), name).toBe(false)
    const labels = [...text.matchAll(/[{,]([a-z_]+)="/g)].map(([, label = '']) => label)
    expect([...new Set(labels)].toSorted()).toEqual([
      'account',
      'error_type',
      'le',
      'model',
      'price_source',
      'reason',
      'rpc_method',
      'state',
      'status',
      'type',
    ])
  })

  test('count failed authentication by reason, and throttled guesses as rate limited', async () => {
    const { server } = await start({ limits: { failures: 3 } })
    const get = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
      fetch(server.url + path, { headers, ...init }).then(({ status }) => status)
    const wrong = { authorization: `Bearer mgx_key_${'w'.repeat(43)}00000000` }
    const unknown = { authorization: 'Bearer the-key-of-nobody-at-all' }
    expect(await get('/api/users/me')).toBe(401)
    expect(await get('/trpc/users.me,users.me?batch=1&input={}', unknown)).toBe(401)
    expect(await get('/api/users/me', { authorization: 'Basic eDp5' })).toBe(401)
    expect(await get('/api/users/me', wrong)).toBe(401)
    // From now on this address is throttled, also at the other doors.
    expect(await get('/api/users/me', unknown)).toBe(429)
    expect(
      await get(
        '/auth/sign-in',
        { 'content-type': 'application/json' },
        { method: 'POST', body: '{"apiKey":"some-unknown-key"}' },
      ),
    ).toBe(429)
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: '1',
      client_secret: 'some-unknown-key',
    })
    expect(await get('/oauth/token', {}, { method: 'POST', body: form })).toBe(429)
    expect(await get('/api/health')).toBe(200)

    const samples = await scrape(server)
    expect(named(samples, 'mgx_authentication_failures_total')).toEqual({
      '{reason="missing"}': 1,
      '{reason="malformed"}': 2,
      '{reason="rejected"}': 1,
    })
    expect(samples.get('mgx_rate_limited_total')).toBe(3)
    expect(named(samples, 'rpc_server_call_duration_seconds_count')).toMatchObject({
      '{rpc_method="users.me",error_type="unauthenticated"}': 5,
      '{rpc_method="users.me",error_type="rate_limited"}': 1,
      '{rpc_method="system.health"}': 1,
    })
    await expect
      .poll(async () => (await scrape(server)).get('http_server_request_duration_seconds_count'))
      .toBeGreaterThanOrEqual(8)
  })

  test('name at most 200 models', async () => {
    const { server, admin } = await start()
    const { id: projectId } = await admin('projects.create', { name: 'Snake', idea: 'A game' })
    const records = Array.from({ length: 500 }, (_, index) => ({
      projectId,
      ...usage,
      model: `model-${index}`,
      totalCost: '0.01',
    }))
    await admin('costs.recordMany', { records })
    await admin('costs.recordMany', { records })
    const costs = named(await scrape(server), 'mgx_cost_usd_total')
    expect(Object.keys(costs)).toHaveLength(201)
    expect(costs['{model="model-199",price_source="caller"}']).toBe(0.02)
    expect(costs['{model="other",price_source="caller"}']).toBe(6)
    expect(Object.keys(named(await scrape(server), 'mgx_tokens_total'))).toHaveLength(402)
  })

  test('are there without what the database says while it does not answer, and come back', async () => {
    const { server } = await start()
    const { db } = server.services
    expect((await scrape(server)).get('mgx_reserved_usd')).toBe(0)
    const clients = [db.client, ...(db.client.reading ? [db.client.reading.pool] : [])]
    const held = await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: client.pool.max }, async () => ({ client, connection: await client.acquireConnection() })),
      ),
    )
    const begin = performance.now()
    const scrapes = await Promise.all(Array.from({ length: 5 }, () => scrape(server)))
    expect(performance.now() - begin).toBeLessThan(3_000)
    for (const samples of scrapes) {
      expect(samples.has('mgx_reserved_usd')).toBe(false)
      expect(samples.get('mgx_ledger_drifts')).toBe(0)
      expect(samples.get('mgx_db_pool{state="used"}')).toBe(held.length)
      expect(samples.get('mgx_db_pool{state="pending"}')).toBe(1)
    }
    for (const { client, connection } of held) await client.releaseConnection(connection)
    await expect.poll(async () => (await scrape(server)).get('mgx_reserved_usd')).toBe(0)
  })
})
