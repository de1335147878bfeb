import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { type Caller, callerOf, describeApi, expectRefusal } from '../testing/callers.js'

const tokens = { promptTokens: 1000, completionTokens: 500 }
const SOON = '2090-01-01T00:00:00.000Z'

describeApi('unknown models', (api) => {
  let caller: Caller
  let apiKey: string
  let projectId: number
  let model: string
  beforeEach(async () => {
    ;({ caller, apiKey } = await api.member())
    projectId = (await caller.projects.create({ name: 'Snake', idea: 'A game', investment: '9' })).id
    model = `m${randomUUID()}`
    await api.services.db('unknown_models').delete()
  })

  type Refused = { model: string; provider?: 'openai' | 'bedrock' | 'azure' }
  const refuse = (call: Refused) =>
    expectRefusal(caller.costs.record({ projectId, ...tokens, ...call }), 'unknown_model')
  const unknown = async () => (await api.admin.prices.unknown({ limit: 200 })).items
  const counts = async () => (await unknown()).map(({ model, provider, calls }) => [model, provider, calls])
  const names = async () => (await unknown()).map(({ model }) => model).sort()

  test('are counted in every kind of call, by model and provider, and nothing else changes', async () => {
    const { reservation } = await caller.budgets.reserve({ projectId, amount: '1' })
    const state = async () => [
      await caller.budgets.get({ projectId }),
      await caller.costs.total({ projectId }),
      await caller.projects.get({ id: projectId }),
      await caller.users.me(),
      await api.services.db('cost_rollups').where({ projectId }),
      await api.services.db('reservations').where({ projectId }),
    ]
    const before = await state()
    const usage = { prompt_tokens: 10, completion_tokens: 5 }
    const response = { model, usage }
    const reservationId = reservation.id
    const calls = [
      caller.costs.record({ projectId, model, ...tokens }),
      caller.costs.record({ projectId, model, ...tokens, provider: 'openai' }),
      caller.costs.recordUsage({ projectId, provider: 'openai', response }),
      caller.costs.recordUsage({ projectId, provider: 'openai', model, usage }),
      caller.budgets.settle({ reservationId, model, ...tokens }),
      caller.budgets.settle({ reservationId, provider: 'openai', response }),
      caller.budgets.reserve({ projectId, model, maxPromptTokens: 10, maxCompletionTokens: 10 }),
    ]
    await Promise.all(calls.map((call) => expectRefusal(call, 'unknown_model')))
    const records = [model, model, `${model}-2`].map((each) => ({ projectId, model: each, ...tokens }))
    const { results } = await caller.costs.recordMany({ records })
    expect(results.map(({ ok }) => ok)).toEqual([false, false, false])
    expect((await counts()).sort()).toEqual(
      [
        [model, null, 5],
        [model, 'openai', 4],
        [`${model}-2`, null, 1],
      ].sort(),
    )
    expect(await state()).toEqual(before)
    // A quote asks only, and a project of another user is not found.
    await expectRefusal(caller.prices.quote({ model, ...tokens }), 'unknown_model')
    const stranger = (await api.member()).caller
    await expectRefusal(stranger.costs.record({ projectId, model: `${model}-3`, ...tokens }), 'not_found')
    expect((await counts()).map(([, , calls]) => calls).sort()).toEqual([1, 4, 5])
    expect(await api.admin.system.verify()).toMatchObject({ ok: true })
  })

  test('have the instant of their last call', async () => {
    await refuse({ model })
    const [first] = await unknown()
    expect(first).toEqual({ model, provider: null, calls: 1, lastSeenAt: expect.stringMatching(/^20.*Z$/) })
    await api.services.db('unknown_models').update({ lastSeenAt: '2026-01-01T00:00:00.000Z' })
    await refuse({ model })
    const [again] = await unknown()
    expect(again).toEqual({ ...first, calls: 2, lastSeenAt: expect.any(String) })
    expect((again?.lastSeenAt ?? '') >= (first?.lastSeenAt ?? '')).toBe(true)
  })

  test.each<[string, (model: string) => object, (model: string) => Refused, (model: string) => Refused]>([
    ['name', (m) => ({ model: m }), (m) => ({ model: m }), (m) => ({ model: `${m}x` })],
    ['name in other case', (m) => ({ model: m.toUpperCase() }), (m) => ({ model: m }), (m) => ({ model: `${m}x` })],
    ['alias', (m) => ({ model: `${m}-own`, aliases: [m] }), (m) => ({ model: m }), (m) => ({ model: `${m}-owner` })],
    [
      'pattern',
      (m) => ({ model: `${m}-own`, pattern: `${m}-v*` }),
      (m) => ({ model: `${m}-v2` }),
      (m) => ({ model: `${m}-w2` }),
    ],
    ['date', (m) => ({ model: m }), (m) => ({ model: `${m}-2025-04-14` }), (m) => ({ model: `${m}-mini` })],
    ['prefix', (m) => ({ model: m }), (m) => ({ model: `openai/${m}` }), (m) => ({ model: `openai/${m}-mini` })],
    [
      'prefix and provider',
      (m) => ({ model: m }),
      (m) => ({ model: m, provider: 'azure' }),
      (m) => ({ model: `${m}b`, provider: 'azure' }),
    ],
  ])('that a price by %s prices are removed, and no others', async (_, set, priced, other) => {
    await refuse(priced(model))
    await refuse(other(model))
    const price = { model, inputPrice: '1', outputPrice: '2', ...set(model) }
    await api.admin.prices.set(price)
    expect(await names()).toEqual([other(model).model])
    await caller.costs.record({ projectId, ...tokens, ...priced(model) })
    await refuse(other(model))
    expect(await counts()).toMatchObject([[other(model).model, other(model).provider ?? null, 2]])
  })

  test('stay while their price has not begun, or has ended', async () => {
    await refuse({ model })
    const price = { model, inputPrice: '1', outputPrice: '2' }
    await api.admin.prices.set({ ...price, effectiveFrom: '2020-01-01T00:00:00Z', effectiveTo: '2021-01-01T00:00:00Z' })
    await api.admin.prices.set({ ...price, effectiveFrom: SOON })
    await refuse({ model })
    expect(await counts()).toEqual([[model, null, 2]])
    await api.admin.prices.set({ ...price, effectiveFrom: '2022-01-01T00:00:00Z', effectiveTo: SOON })
    expect(await counts()).toEqual([])
  })

  test('are at most a thousand, those seen last', async () => {
    const bulk = async (from: number, to: number) => {
      const records = Array.from({ length: to - from }, (_, index) => ({
        projectId,
        model: `${model}-${from + index}`,
        ...tokens,
      }))
      await caller.costs.recordMany({ records })
    }
    await bulk(0, 1000)
    expect((await api.services.db('unknown_models').count({ n: '*' }))[0]?.n).toBe(1000)
    await api.services.db('unknown_models').update({ lastSeenAt: '2026-01-01T00:00:00.000Z' })
    await bulk(0, 10)
    await bulk(2000, 2500)
    const kept = (await api.services.db('unknown_models').select('model')).map(({ model }) => model)
    expect(kept).toHaveLength(1000)
    for (let index = 0; index < 10; index += 1) expect(kept).toContain(`${model}-${index}`)
    for (let index = 2000; index < 2500; index += 1) expect(kept).toContain(`${model}-${index}`)
    const listed: string[] = []
    let cursor: string | null | undefined
    while (cursor !== null) {
      const page = await api.admin.prices.unknown({ limit: 150, ...(cursor !== undefined && { cursor }) })
      listed.push(...page.items.map(({ model }) => model))
      cursor = page.nextCursor
    }
    expect(listed.toSorted()).toEqual(kept.toSorted())
    expect(listed[0]).toBe(`${model}-2499`)
    await expectRefusal(api.admin.prices.unknown({ cursor: 'none' }), 'invalid_input', /cursor/)
  }, 60_000)

  test('are counted exactly when two servers refuse them at once', async () => {
    const servers = [api.services, api.anotherProcess()].map((services) => callerOf(services, apiKey))
    const record = (each: string) => ({ projectId, model: each, ...tokens })
    const [one, other] = [record(`${model}-a`), record(`${model}-b`)]
    const calls = Array.from({ length: 10 }, () =>
      servers.map((server, index) => server.costs.recordMany({ records: index === 0 ? [one, other] : [other, one] })),
    )
    await Promise.all(calls.flat())
    expect((await counts()).sort()).toEqual([
      [`${model}-a`, null, 20],
      [`${model}-b`, null, 20],
    ])
  })

  test('are for admins only', async () => {
    await expectRefusal(caller.prices.unknown(), 'forbidden')
  })

  test('are refused with the names that are nearest', async () => {
    await api.admin.prices.set({
      model: `${model}-large`,
      aliases: [`${model}-big`],
      inputPrice: '1',
      outputPrice: '2',
    })
    const nearestTo = async (name: string) => {
      const call = caller.costs.record({ projectId, model: name, ...tokens })
      const error: { message: string; cause: { details: { nearest: string[] } } } = await call.then(
        () => Promise.reject(new Error('not refused')),
        (failure) => failure,
      )
      const { nearest } = error.cause.details
      expect(error.cause).toMatchObject({ reason: 'unknown_model', details: { model: name, provider: null } })
      for (const each of nearest) expect(error.message).toContain(JSON.stringify(each))
      return nearest
    }
    expect(await nearestTo(`${model}-larg`)).toEqual([`${model}-large`, `${model}-big`])
    expect(await nearestTo('claude-sonet-4-5')).toContain('claude-sonnet-4-5')
    expect(await nearestTo('nothing-like-it-at-all-anywhere')).toEqual([])
  })
})
