import { randomUUID } from 'node:crypto'
import { dialectOf } from '@mgx/db'
import { allModels } from '@mgx/db/testing'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

describeApi('setting a price', (api) => {
  let model: string
  let set: Parameters<Caller['prices']['set']>[0]
  beforeEach(() => {
    model = `model-${randomUUID()}`
    set = { model, inputPrice: '10', outputPrice: '30', idempotencyKey: model }
  })

  const all = async () => (await api.admin.prices.list({ model })).items
  const audits = () => api.services.db('audit_log').where({ subject: `model:${model}` })

  test('one key, at once and again: one price and equal responses, even after another override took effect', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.admin.prices.set(set)))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    await api.admin.prices.set({ model, inputPrice: '20', outputPrice: '30' })
    expect(await api.admin.prices.set({ ...set, inputPrice: 10, effectiveTo: null })).toEqual(answers[0])
    expect(await all()).toHaveLength(2)
    expect(await audits()).toHaveLength(2)
  })

  test.each<[string, object]>([
    ['inputPrice', { inputPrice: '11' }],
    ['outputPrice', { outputPrice: '31' }],
    ['cachedPrice', { cachedPrice: '1' }],
    ['effectiveFrom', { effectiveFrom: '2090-01-01T00:00:00Z' }],
    ['effectiveTo', { effectiveTo: '2090-01-01T00:00:00Z' }],
    ['model', { model: 'another' }],
    ['alias', { aliases: ['another'] }],
    ['pattern', { pattern: 'another-*' }],
    ['rate', { cacheWrite1hPrice: '1' }],
    ['tier', { tiers: [{ abovePromptTokens: 1, inputPrice: '1' }] }],
    ['factor', { serviceTiers: { batch: 0.5 } }],
  ])('a key again with another %s is refused, and nothing changes', async (_, other) => {
    const first = await api.admin.prices.set(set)
    await expectRefusal(api.admin.prices.set({ ...set, ...other }), 'idempotency_mismatch')
    expect(await all()).toEqual([first])
  })

  test('a refused call does not use up its key', async () => {
    await expectRefusal(api.admin.prices.set({ ...set, effectiveTo: '2020-01-01T00:00:00Z' }), 'invalid_input')
    expect(await api.admin.prices.set(set)).toMatchObject({ model, inputPrice: '10' })
  })

  test('the audit log and lists contain neither keys nor hashes', async () => {
    const first = await api.admin.prices.set(set)
    const second = await api.admin.prices.set({ ...set, idempotencyKey: `${model}-2`, inputPrice: '20' })
    expect(await all()).toEqual([second, { ...first, effectiveTo: second.effectiveFrom }])
    expect(JSON.stringify(await audits())).not.toMatch(/requestHash|idempotencyKey/)
  })

  test('with a stopped clock, each price still follows the previous one', async () => {
    const dialect = dialectOf(api.services.db)
    const { clock } = dialect
    const instant = '2026-06-01T12:00:00.000Z'
    Object.assign(dialect, { clock: `'${instant}'` })
    onTestFinished(() => void Object.assign(dialect, { clock }))
    const prices = [1, 2, 3, 4]
    for (const inputPrice of prices) await api.admin.prices.set({ model, inputPrice, outputPrice: 1 })
    const after = (milliseconds: number) => new Date(Date.parse(instant) + milliseconds).toISOString()
    expect((await all()).toReversed()).toMatchObject(
      prices.map((inputPrice, index) => ({
        inputPrice: String(inputPrice),
        effectiveFrom: after(index),
        effectiveTo: inputPrice === 4 ? null : after(index + 1),
      })),
    )
  }, 10_000)

  test('a price set for now applies to the very next call, however many are set at once', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => api.admin.prices.set({ model, inputPrice: index, outputPrice: 1 })),
    )
    const { inputPrice } = await api.admin.prices.set({ model, inputPrice: '99', outputPrice: 1 })
    expect((await api.admin.prices.quote({ model, promptTokens: 1, completionTokens: 0 })).inputPrice).toBe(inputPrice)
  })

  test('shows beside the price of the catalogue, in the list of models', async () => {
    const { caller } = await api.member()
    const ofModel = async (search: string) =>
      (await caller.prices.models({ search, limit: 200 })).items.find(({ provider }) => provider === 'openai')
    const o3 = {
      provider: 'openai',
      model: 'o3',
      inputPrice: '2',
      outputPrice: '8',
      cachedPrice: '0.5',
      requestPrice: '0',
      effectiveFrom: '2025-06-10T00:00:00.000Z',
      effectiveTo: null,
    }
    expect(await ofModel('O3')).toEqual({ ...o3, override: null })
    const override = await api.admin.prices.set({ model: 'o3', inputPrice: '1', outputPrice: '2' })
    await api.admin.prices.set({ ...set, model: 'gpt-4.1', effectiveFrom: '2090-01-01T00:00:00Z' })
    expect(await ofModel('o3')).toEqual({ ...o3, override })
    expect(await ofModel('gpt-4.1')).toMatchObject({ model: 'gpt-4.1', override: null })
  })

  test('every model of the catalogue is listed once, by name and provider, in pages', async () => {
    const names: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await api.admin.prices.models({ limit: 200, ...(cursor !== undefined && { cursor }) })
      names.push(...page.items.map(({ model, provider }) => `${model} ${provider}`))
      cursor = page.nextCursor
    }
    expect(names.toSorted()).toEqual(
      allModels()
        .map(({ info, provider }) => `${info.id} ${provider}`)
        .toSorted(),
    )
    expect((await api.admin.prices.models({ search: 'no such model' })).items).toEqual([])
    for (const cursor of ['nonsense', Buffer.from('[1]').toString('base64url')]) {
      await expectRefusal(api.admin.prices.models({ cursor }), 'invalid_input', /cursor/)
    }
  })
})
