import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

const tokens = { promptTokens: 1000, completionTokens: 500 }
const SOON = '2090-01-01T00:00:00.000Z'
const LATER = '2091-01-01T00:00:00.000Z'
const MUCH_LATER = '2092-01-01T00:00:00.000Z'

describeApi('prices', (api) => {
  let caller: Caller
  let projectId: number
  let model: string
  let set: Parameters<Caller['prices']['set']>[0]
  beforeAll(async () => {
    caller = (await api.member()).caller
    projectId = (await caller.projects.create({ name: 'Snake', idea: 'A game' })).id
  })
  beforeEach(() => {
    model = `model-${randomUUID()}`
    set = { model, inputPrice: '10', outputPrice: '30' }
  })

  test('a quote says what a call costs by the catalogue, and why', async () => {
    expect(await caller.prices.quote({ model: 'gpt-4o-2024-08-06', ...tokens, cachedPromptTokens: 100 })).toEqual({
      totalCost: '0.007375',
      source: 'catalogue',
      rule: { model: 'gpt-4o', matched: 'gpt-4o', by: 'date', priceId: null },
      canonicalModel: 'gpt-4o',
      breakdown: [
        { kind: 'input', units: 900, rate: '2.5', amount: '0.00225' },
        { kind: 'cachedInput', units: 100, rate: '1.25', amount: '0.000125' },
        { kind: 'output', units: 500, rate: '10', amount: '0.005' },
      ],
      unpriced: [],
      priceSource: 'catalogue',
      provider: 'openai',
      model: 'gpt-4o',
      inputPrice: '2.5',
      outputPrice: '10',
      cachedPrice: '1.25',
      requestPrice: '0',
      effectiveFrom: null,
      effectiveTo: null,
      at: expect.stringMatching(/Z$/),
    })
  })

  test('a quote is for its instant: dated prices and tiers', async () => {
    const quote = (at: string) => caller.prices.quote({ model: 'o3', ...tokens, at })
    expect(await quote('2025-06-09T20:00:00-04:00')).toMatchObject({
      totalCost: '0.006',
      effectiveFrom: '2025-06-10T00:00:00.000Z',
      effectiveTo: null,
      at: '2025-06-10T00:00:00.000Z',
    })
    expect(await quote('2025-06-09T23:00:00Z')).toMatchObject({
      totalCost: '0.03',
      effectiveFrom: null,
      effectiveTo: '2025-06-10T00:00:00.000Z',
    })
    const long = { model: 'claude-sonnet-4-5', promptTokens: 200_001, completionTokens: 0 }
    expect(await caller.prices.quote(long)).toMatchObject({ inputPrice: '6', totalCost: '1.200006' })
  })

  test('a quote for a model without a price is refused, never zero', async () => {
    await expectRefusal(caller.prices.quote({ model, ...tokens }), 'unknown_model')
    await expectRefusal(caller.prices.quote({ model: 'whisper-1', ...tokens }), 'unknown_model')
  })

  test('every call that needs a missing price names the model and says what to do', async () => {
    const named = new RegExp(`model "${model}": give the cost \\(totalCost, .*prices\\.set`)
    const call = { projectId, model, ...tokens }
    const { reservation } = await caller.budgets.reserve({ projectId, amount: '0.5' })
    const usage = { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 }
    const hold = { projectId, model, maxPromptTokens: 1, maxCompletionTokens: 1 }
    const refused = [
      caller.costs.record(call),
      caller.costs.recordUsage({
        projectId,
        provider: 'openai',
        response: { object: 'chat.completion', model, usage },
      }),
      caller.budgets.reserve(hold),
      caller.budgets.settle({ reservationId: reservation.id, model, ...tokens }),
      caller.prices.quote({ model, ...tokens }),
    ]
    await Promise.all(refused.map((one) => expectRefusal(one, 'unknown_model', named)))
    const { results } = await caller.costs.recordMany({ records: [call] })
    expect(results).toEqual([{ ok: false, error: { reason: 'unknown_model', message: expect.stringMatching(named) } }])
    await caller.budgets.release({ reservationId: reservation.id })
  })

  test('an override takes precedence from the very next call, and each record keeps its source', async () => {
    const asked = { model: 'gpt-4.1-mini', ...tokens, cachedPromptTokens: 400 }
    const call = { projectId, ...asked }
    const first = await caller.costs.record({ ...call, idempotencyKey: model })
    expect(first.record).toMatchObject({ priceSource: 'catalogue', totalCost: '0.00108' })

    const override = await api.admin.prices.set({ ...set, model: call.model, cachedPrice: 0.5 })
    expect(override).toMatchObject({ inputPrice: '10', outputPrice: '30', cachedPrice: '0.5', effectiveTo: null })
    const priced = { priceSource: 'override', totalCost: '0.0212' }
    expect((await caller.costs.record(call)).record).toMatchObject(priced)
    expect(await caller.prices.quote(asked)).toMatchObject({
      ...priced,
      provider: null,
      model: call.model,
      inputPrice: '10',
      cachedPrice: '0.5',
      effectiveFrom: override.effectiveFrom,
    })
    const many = await caller.costs.recordMany({ records: [call, { ...call, totalCost: '1' }] })
    expect(many.results).toMatchObject([{ record: priced }, { record: { priceSource: 'caller', totalCost: '1' } }])

    expect(await caller.costs.record({ ...call, idempotencyKey: model })).toEqual(first)
    expect((await caller.costs.list({ projectId })).items.at(-1)).toEqual(first.record)
  })

  test('a changed override never changes a written record', async () => {
    await api.admin.prices.set(set)
    const { record } = await caller.costs.record({ projectId, model, ...tokens })
    expect(record).toMatchObject({ priceSource: 'override', totalCost: '0.025' })
    await api.admin.prices.set({ ...set, inputPrice: '20' })
    expect((await caller.costs.record({ projectId, model, ...tokens })).record.totalCost).toBe('0.035')
    expect((await caller.costs.list({ projectId, model })).items[1]).toEqual(record)
  })

  test('an override also prices holds and settlements; a hold covers both no and full cache use', async () => {
    await api.admin.prices.set({ ...set, cachedPrice: '50' })
    const { reservation } = await caller.budgets.reserve({
      projectId,
      model,
      maxPromptTokens: 1000,
      maxCompletionTokens: 500,
    })
    expect(reservation.amount).toBe('0.065')
    const settled = await caller.budgets.settle({
      reservationId: reservation.id,
      model,
      ...tokens,
      cachedPromptTokens: 1000,
    })
    expect(settled).toMatchObject({ overrun: false, record: { priceSource: 'override', totalCost: '0.065' } })
  })

  test('an open override ends the previous open one and changes nothing else of it', async () => {
    const first = await api.admin.prices.set(set)
    const second = await api.admin.prices.set({ ...set, inputPrice: '20' })
    await expectRefusal(api.admin.prices.set({ ...set, effectiveFrom: SOON, effectiveTo: LATER }), 'conflict')
    const third = await api.admin.prices.set({ ...set, inputPrice: '40', effectiveFrom: SOON })
    expect(second.effectiveFrom > first.effectiveFrom).toBe(true)
    expect((await caller.prices.list({ model })).items).toEqual([
      third,
      { ...second, effectiveTo: SOON },
      { ...first, effectiveTo: second.effectiveFrom },
    ])
    const at = async (instant: string) => (await caller.prices.quote({ model, ...tokens, at: instant })).inputPrice
    expect(await at(first.effectiveFrom)).toBe('10')
    expect(await at(second.effectiveFrom)).toBe('20')
    expect(await at('2089-12-31T23:59:59.999Z')).toBe('20')
    expect(await at(SOON)).toBe('40')
  })

  test('overlapping periods conflict, adjacent ones do not, and the override in effect stays', async () => {
    const during = (effectiveFrom?: string, effectiveTo?: string) =>
      api.admin.prices.set({ ...set, effectiveFrom, effectiveTo })
    const bounded = await during(SOON, LATER)
    await expectRefusal(during(SOON, LATER), 'conflict')
    await expectRefusal(during(SOON), 'conflict')
    await expectRefusal(during(), 'conflict')
    await expectRefusal(during('2089-01-01T00:00:00Z', '2090-01-01T00:00:00.001Z'), 'conflict')
    await expectRefusal(during('2090-12-31T23:59:59.999Z', MUCH_LATER), 'conflict')
    const open = await during(LATER)
    const past = await during('2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z')
    expect((await caller.prices.list({ model })).items).toEqual([past, open, bounded])

    const other = { ...set, model: `${model}-other` }
    const standing = await api.admin.prices.set({ ...other, effectiveFrom: '2020-01-01T00:00:00Z' })
    const backdated = { ...other, effectiveFrom: '2024-01-01T00:00:00Z' }
    await expectRefusal(api.admin.prices.set(backdated), 'conflict', /can only end now or later/)
    expect((await caller.prices.list({ model: other.model })).items).toEqual([standing])
  })

  test('of two overrides set at once, only one is kept', async () => {
    const many = await Promise.allSettled(
      [1, 2, 3, 4, 5, 6].map((inputPrice) => api.admin.prices.set({ ...set, inputPrice })),
    )
    expect(many.map(({ status }) => status)).toEqual(Array(6).fill('fulfilled'))
    const { items } = await caller.prices.list({ model })
    const periods = items.toReversed().map(({ effectiveFrom, effectiveTo }) => [effectiveFrom, effectiveTo])
    expect(periods.map(([, to]) => to)).toEqual([...periods.slice(1).map(([from]) => from), null])
    const ended = await Promise.allSettled([1, 2].map(() => api.admin.prices.set({ ...set, effectiveFrom: SOON })))
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('are set by admins only, and the audit log keeps the actor, the change and the value before', async () => {
    await expectRefusal(caller.prices.set(set), 'forbidden')
    const first = await api.admin.prices.set(set)
    const second = await api.admin.prices.set({ ...set, outputPrice: 0 })
    const { id } = await api.admin.users.me()
    const rows = await api.services
      .db('audit_log')
      .where({ subject: `model:${model}` })
      .orderBy('id')
    const kept = rows.map(({ actor, action, before, after, requestId }) => ({
      actor,
      action,
      before: read(before),
      after: read(after),
      requestId,
    }))
    const said = { actor: `user:${id}`, action: 'prices.set', requestId: 'test' }
    const differing = ({ id, outputPrice, effectiveFrom }: typeof first) => ({ id, outputPrice, effectiveFrom })
    expect(kept).toMatchObject([
      { ...said, before: null, after: first },
      { ...said, before: differing(first), after: differing(second) },
    ])
    expect(kept[1]?.after).not.toHaveProperty('inputPrice')
  })

  test('are listed in pages, of one model or of all', async () => {
    await api.admin.prices.set(set)
    await api.admin.prices.set({ ...set, model: `${model}-2` })
    const page = await caller.prices.list({ limit: 1 })
    expect(page.items).toMatchObject([{ model: `${model}-2` }])
    const next = await caller.prices.list({ limit: 1, cursor: page.nextCursor ?? '' })
    expect(next.items).toMatchObject([{ model }])
    expect((await caller.prices.list({ model: 'none' })).items).toEqual([])
    await expectRefusal(caller.prices.list({ model: 'a\0b' }), 'invalid_input', /model/)
    await expectRefusal(caller.prices.list({ cursor: 'none' }), 'invalid_input', /cursor/)
  })

  test.each([
    ['a negative price', { inputPrice: '-1' }, /inputPrice/],
    ['NaN', { outputPrice: Number.NaN }, /outputPrice/],
    ['a price of ten decimals', { inputPrice: '0.0000000001' }, /nine decimals/],
    ['a price past the largest amount', { cachedPrice: '9007199.254740993' }, /cachedPrice/],
    ['an end at the start', { effectiveFrom: SOON, effectiveTo: SOON }, /effectiveTo/],
    ['an end in the past', { effectiveTo: '2020-01-01T00:00:00Z' }, /effectiveTo/],
    ['an instant without a zone', { effectiveFrom: '2090-01-01T00:00:00' }, /effectiveFrom/],
    ['the year 0', { effectiveFrom: '0000-06-01T00:00:00Z' }, /years 1 to 9999/],
    ['the year 10000', { effectiveTo: '9999-12-31T23:59:59-01:00' }, /years 1 to 9999/],
    ['a model of 10,000 characters', { model: 'g'.repeat(10_000) }, /model/],
    ['an empty model', { model: '' }, /model/],
    ['an unknown field', { currency: 'EUR' }, /currency: unknown field/],
  ])('%s is refused with the field, and nothing is set', async (_, wrong, message) => {
    await expectRefusal(api.admin.prices.set({ ...set, ...wrong }), 'invalid_input', message)
    expect((await caller.prices.list({ model })).items).toEqual([])
    expect(api.internal).toEqual([])
  })

  test.each([
    ['a model of 10,000 characters', { model: 'g'.repeat(10_000) }, /model/],
    ['more cached than prompt tokens', { cachedPromptTokens: 1001 }, /cachedPromptTokens/],
    ['negative tokens', { completionTokens: -1 }, /completionTokens/],
    ['no instant', { at: 'now' }, /at/],
  ])('a quote with %s is refused', async (_, wrong, message) => {
    await expectRefusal(caller.prices.quote({ model: 'gpt-4o', ...tokens, ...wrong }), 'invalid_input', message)
  })

  test('the largest price is exact, and a cost above the largest amount is refused', async () => {
    await api.admin.prices.set({ ...set, inputPrice: '9007199.254740992' })
    const quote = (promptTokens: number) => caller.prices.quote({ model, promptTokens, completionTokens: 0 })
    expect((await quote(1_000_000)).totalCost).toBe('9007199.254740992')
    expect((await quote(1)).totalCost).toBe('9.007199255')
    await expectRefusal(quote(1_000_001), 'invalid_input', /totalCost/)
    const call = { projectId, model, promptTokens: 1_000_001, completionTokens: 0 }
    await expectRefusal(caller.costs.record(call), 'invalid_input', /totalCost/)
  })
})

/** Parses the JSON that SQLite stores as text. */
function read(json: unknown): unknown {
  return typeof json === 'string' ? JSON.parse(json) : json
}
