import { randomUUID } from 'node:crypto'
import { listOverrides } from '@mgx/db'
import { beforeEach, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

const SOON = '2090-01-01T00:00:00.000Z'
const LATER = '2091-01-01T00:00:00.000Z'

describeApi('what an override holds for and charges', (api) => {
  let model: string
  let set: Parameters<Caller['prices']['set']>[0]
  beforeEach(() => {
    model = `model-${randomUUID()}`
    set = { model, inputPrice: '10', outputPrice: '30' }
  })

  const listed = async (name = model) => (await api.admin.prices.list({ model: name })).items
  const ruleOf = async (id: number) =>
    (await listOverrides(api.services.db, '2026-01-01T00:00:00.000Z')).find((rule) => rule.id === id)
  const state = async () => ({
    prices: (await api.admin.prices.list({ limit: 100 })).items,
    audits: await api.services.db('audit_log').count(),
  })
  async function expectUnchanged(
    call: () => Promise<unknown>,
    ...refusal: [reason: 'conflict' | 'invalid_input', RegExp]
  ) {
    const before = await state()
    await expectRefusal(call(), ...refusal)
    expect(await state()).toEqual(before)
    expect(api.internal).toEqual([])
  }

  /** Every field, and how a response writes it. */
  const everything = () => ({
    given: {
      ...set,
      aliases: [`${model}-a`, `${model}-B`],
      pattern: `${model}-20*`,
      cachedPrice: 1,
      cacheWritePrice: '12.50',
      cacheWrite1hPrice: 20,
      audioInputPrice: '40',
      cachedAudioInputPrice: '2.5',
      audioOutputPrice: '80.000000001',
      requestPrice: 0.001,
      searchPrice: '0',
      tiers: [
        { abovePromptTokens: 1_000_000, outputPrice: 45, searchPrice: '1' },
        { abovePromptTokens: 200_000, inputPrice: '20.0' },
      ],
      serviceTiers: { batch: 0.5, priority: 1.750001 },
      idempotencyKey: model,
    },
    shown: {
      ...set,
      aliases: [`${model}-a`, `${model}-B`],
      pattern: `${model}-20*`,
      cachedPrice: '1',
      cacheWritePrice: '12.5',
      cacheWrite1hPrice: '20',
      audioInputPrice: '40',
      cachedAudioInputPrice: '2.5',
      audioOutputPrice: '80.000000001',
      requestPrice: '0.001',
      searchPrice: '0',
      tiers: [
        { abovePromptTokens: 200_000, inputPrice: '20' },
        { abovePromptTokens: 1_000_000, outputPrice: '45', searchPrice: '1' },
      ],
      serviceTiers: { batch: 0.5, priority: 1.750001 },
    },
  })

  test('is kept exactly, listed, audited, and the same when the call is repeated in another notation', async () => {
    const { given, shown } = everything()
    const override = await api.admin.prices.set(given)
    expect(override).toMatchObject(shown)
    expect(await api.admin.prices.set({ ...given, tiers: given.tiers.toReversed(), cachedPrice: '1.0' })).toEqual(
      override,
    )
    expect(await listed()).toEqual([override])
    const [audit] = await api.services.db('audit_log').where({ subject: `model:${model}` })
    expect(typeof audit?.after === 'string' ? JSON.parse(audit.after) : audit?.after).toEqual(override)
  })

  test('is parsed once, into exact rates in nano-USD and factors in millionths', async () => {
    const { given } = everything()
    const { id, effectiveFrom } = await api.admin.prices.set(given)
    expect(await ruleOf(id)).toEqual({
      id,
      model,
      aliases: given.aliases,
      pattern: given.pattern,
      effectiveFrom,
      effectiveTo: null,
      rates: {
        input: 10_000_000_000n,
        output: 30_000_000_000n,
        cachedInput: 1_000_000_000n,
        cacheWrite: 12_500_000_000n,
        cacheWrite1h: 20_000_000_000n,
        audioInput: 40_000_000_000n,
        cachedAudioInput: 2_500_000_000n,
        audioOutput: 80_000_000_001n,
        request: 1_000_000n,
        search: 0n,
      },
      tiers: [
        { above: 200_000, rates: { input: 20_000_000_000n } },
        { above: 1_000_000, rates: { output: 45_000_000_000n, search: 1_000_000_000n } },
      ],
      serviceTiers: { batch: 500_000n, priority: 1_750_001n },
    })
  })

  test('what is not given is empty, and derived rates are null', async () => {
    const override = await api.admin.prices.set(set)
    expect(override).toMatchObject({ aliases: [], pattern: null, tiers: [], serviceTiers: {}, requestPrice: null })
    const none = { cacheWrite: null, cacheWrite1h: null, audioInput: null, cachedAudioInput: null, audioOutput: null }
    expect(await ruleOf(override.id)).toMatchObject({
      rates: { ...none, cachedInput: null, request: null, search: null },
      tiers: [],
      serviceTiers: {},
    })
  })

  test("a cached price that is not given is shown by the catalogue's ratio for the model, else as the input price", async () => {
    expect(await api.admin.prices.set(set)).toMatchObject({ cachedPrice: '10' })
    const known = { ...set, model: 'gpt-4o-mini', effectiveFrom: SOON, effectiveTo: LATER, idempotencyKey: model }
    expect(await api.admin.prices.set(known)).toMatchObject({ cachedPrice: '5' })
  })

  test('rules that have ended are not loaded, rules to come are', async () => {
    const now = await api.admin.prices.set({
      ...set,
      effectiveFrom: '2020-01-01T00:00:00Z',
      effectiveTo: '2021-01-01T00:00:00Z',
    })
    const later = await api.admin.prices.set({ ...set, effectiveFrom: SOON, effectiveTo: LATER })
    expect(await ruleOf(now.id)).toBeUndefined()
    expect(await ruleOf(later.id)).toMatchObject({ model })
  })

  test.each<[string, (name: string) => object, RegExp]>([
    ['a negative rate', () => ({ cacheWritePrice: '-1' }), /cacheWritePrice: must not be negative/],
    ['a rate beyond the range', () => ({ audioOutputPrice: '9007199.254740993' }), /audioOutputPrice: must not exceed/],
    ['a rate of ten decimals', () => ({ requestPrice: '0.0000000001' }), /requestPrice: .*nine decimals/],
    ['a rate that is NaN', () => ({ searchPrice: Number.NaN }), /searchPrice/],
    ['a tier without a rate', () => ({ tiers: [{ abovePromptTokens: 1 }] }), /tiers\.0: must give at least one rate/],
    [
      'a rate of a tier beyond the range',
      () => ({ tiers: [{ abovePromptTokens: 1, inputPrice: 1e9 }] }),
      /tiers\.0\.inputPrice/,
    ],
    [
      'a tier above no tokens',
      () => ({ tiers: [{ abovePromptTokens: 0, inputPrice: 1 }] }),
      /tiers\.0\.abovePromptTokens/,
    ],
    [
      'a tier twice',
      () => ({ tiers: [1, 2, 1].map((abovePromptTokens) => ({ abovePromptTokens, inputPrice: 1 })) }),
      /tiers\.2\.abovePromptTokens: must be unique/,
    ],
    [
      'eleven tiers',
      () => ({ tiers: Array.from({ length: 11 }, (_, index) => ({ abovePromptTokens: index + 1, inputPrice: 1 })) }),
      /tiers/,
    ],
    ['an unknown field in a tier', () => ({ tiers: [{ abovePromptTokens: 1, price: 1 }] }), /tiers\.0\.price/],
    ['the factor 0', () => ({ serviceTiers: { batch: 0 } }), /serviceTiers\.batch/],
    ['a negative factor', () => ({ serviceTiers: { flex: -0.5 } }), /serviceTiers\.flex/],
    ['a factor that is NaN', () => ({ serviceTiers: { flex: Number.NaN } }), /serviceTiers\.flex/],
    [
      'a factor of seven decimals',
      () => ({ serviceTiers: { batch: 0.3333333 } }),
      /serviceTiers\.batch: .*six decimals/,
    ],
    ['a factor above 100', () => ({ serviceTiers: { priority: 100.000001 } }), /serviceTiers\.priority/],
    ['a factor of no such tier', () => ({ serviceTiers: { slow: 1 } }), /serviceTiers\.slow/],
    ['a pattern that matches every name', () => ({ pattern: '*' }), /pattern: .*match every name/],
    ['a pattern of stars', () => ({ pattern: '**' }), /pattern: .*match every name/],
    ['a pattern without a star', () => ({ pattern: 'gpt' }), /pattern: must contain a `\*`/],
    ['a pattern of 201 characters', () => ({ pattern: '*'.padEnd(201, 'g') }), /pattern/],
    ['an alias twice', (name) => ({ aliases: ['a', `${name}-1`, 'A'] }), /aliases\.2: must not repeat/],
    ['its own model as an alias', (name) => ({ aliases: [name.toUpperCase()] }), /aliases\.0: must not repeat/],
    ['an empty alias', () => ({ aliases: [''] }), /aliases\.0/],
    ['51 aliases', () => ({ aliases: Array.from({ length: 51 }, (_, index) => `a${index}`) }), /aliases/],
  ])('%s is refused with the field, and nothing changes', async (_, wrong, message) => {
    await expectUnchanged(() => api.admin.prices.set({ ...set, ...wrong(model) }), 'invalid_input', message)
  })

  test.each<[string, (other: string) => object, RegExp]>([
    ['an alias that is a model', (other) => ({ aliases: [other] }), /the name ".*" belongs to model ".*-other"/],
    ['an alias that is taken', (other) => ({ aliases: ['x', `${other}-A`] }), /the name ".*-A" belongs to model/],
    ['an alias that is taken in another case', (other) => ({ aliases: [`${other}-a`] }), /the name ".*-a" belongs/],
    ['a model that is an alias', (other) => ({ model: `${other}-a` }), /the name ".*-a" belongs to model/],
    ['a pattern that is taken', (other) => ({ pattern: `${other}*B` }), /the pattern ".*B" belongs to model/],
  ])('%s is refused in the same period only, and nothing changes', async (_, clashing, message) => {
    const other = `${model}-other`
    const taken = {
      ...set,
      model: other,
      aliases: [`${other}-A`],
      pattern: `${other}*b`,
      effectiveFrom: SOON,
      effectiveTo: LATER,
    }
    const { id } = await api.admin.prices.set(taken)
    const clash = { ...set, ...clashing(other) }
    for (const period of [
      {},
      { effectiveFrom: SOON, effectiveTo: LATER },
      { effectiveFrom: '2090-12-31T23:59:59.999Z' },
    ]) {
      const call = () => api.admin.prices.set({ ...clash, ...period })
      await expectUnchanged(call, 'conflict', message)
      await expect(call()).rejects.toMatchObject({ cause: { details: { id, model: other, effectiveFrom: SOON } } })
    }
    const before = await api.admin.prices.set({ ...clash, effectiveTo: SOON })
    const after = await api.admin.prices.set({ ...clash, effectiveFrom: LATER })
    expect(await listed(before.model)).toEqual([after, before])
  })

  test('a model may keep its own names from one price to the next, and give them up', async () => {
    const aliases = [`${model}-a`]
    const pattern = `${model}*`
    const first = await api.admin.prices.set({ ...set, aliases, pattern })
    const second = await api.admin.prices.set({ ...set, aliases, pattern, inputPrice: '20' })
    expect(second).toMatchObject({ aliases, pattern })
    await api.admin.prices.set(set)
    expect(await api.admin.prices.set({ ...set, model: `${model}-b`, aliases, pattern })).toMatchObject({
      aliases,
      pattern,
    })
    expect((await listed()).at(-1)).toEqual({ ...first, effectiveTo: second.effectiveFrom })
  })

  test('of two models that are given one alias concurrently, one gets it', async () => {
    const claims = [1, 2, 3].map((each) =>
      api.admin.prices.set({ ...set, model: `${model}-${each}`, aliases: [`${model}-a`] }),
    )
    const statuses = (await Promise.allSettled(claims)).map(({ status }) => status)
    expect(statuses.sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
  })
})
