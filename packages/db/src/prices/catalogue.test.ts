import { calcPrice, type ModelPrice, waitForUpdate } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { catalogueNames, entryAt, pricesWithin } from './catalogue.js'
import { allModels, modelAt } from './catalogue-models.js'

const instants = [
  ...['2024-01-01T00:00:00.000Z', '2025-06-09T23:59:59.999Z', '2025-06-10T00:00:00.000Z', '2026-06-01T12:00:00.000Z'],
  ...['2026-07-30T00:00:00.000Z', '2026-08-17T00:29:59.999Z', '2026-08-17T00:30:00.000Z', '2026-11-01T16:29:59.999Z'],
  ...['2026-11-01T16:30:00.000Z', '2026-11-01T01:00:00.000Z', '2026-11-01T04:00:00.000Z', '2026-11-01T06:00:00.000Z'],
  ...['2026-11-01T09:59:59.999Z', '2027-01-01T00:00:00.000Z', '2030-01-01T23:59:59.999Z'],
]

test('has all providers and models of the library', async () => {
  const providers = (await waitForUpdate()) ?? []
  const all = providers.flatMap(({ id, models }) => models.map((model) => `${id}/${model.id}`))
  expect(
    allModels()
      .map(({ provider, info }) => `${provider}/${info.id}`)
      .sort(),
  ).toEqual(all.sort())
  expect(new Set(catalogueNames())).toEqual(new Set(allModels().map(({ info }) => info.id)))
})

test("every model's prices at any instant are the library's", () => {
  for (const model of allModels()) {
    const match = { equals: model.info.id }
    const provider = { id: model.provider, name: model.provider, api_pattern: '', models: [{ ...model.info, match }] }
    // Most models have one price for all time.
    for (const at of Array.isArray(model.info.prices) ? instants : instants.slice(0, 1)) {
      const theirs = calcPrice({}, model.info.id, { provider, timestamp: new Date(at) })
      expect([model.info.id, at, entryAt(model, at).prices]).toEqual([model.info.id, at, theirs?.model_price])
    }
  }
})

test('a name that the library matches is matched, or is known to be that of another model', () => {
  const found = allModels().flatMap(({ provider, info }) => {
    const theirs = calcPrice({}, info.id, { providerId: provider })
    return theirs && theirs.model.id !== modelAt(provider, info.id)?.info.id ? [`${provider}/${info.id}`] : []
  })
  expect(found).toEqual([])
})

test('a price that changes on a day has a period', () => {
  const o3 = modelAt('openai', 'o3')
  if (!o3) throw new Error('the catalogue has o3')
  const change = '2025-06-10T00:00:00.000Z'
  expect(entryAt(o3, '2025-06-09T23:59:59.999Z')).toMatchObject({ effectiveFrom: null, effectiveTo: change })
  expect(entryAt(o3, change)).toMatchObject({ effectiveFrom: change, effectiveTo: null })
})

test('the prices within a period are exactly those of its instants', () => {
  const changing = allModels().filter(({ info }) => Array.isArray(info.prices))
  expect(changing.length).toBeGreaterThan(20)
  const start = Date.parse('2025-05-01T00:00:00.000Z')
  const minutes = (most: number) => fc.integer({ min: 0, max: most }).map((count) => count * 60_000)
  const duration = fc.oneof(minutes(60), minutes(3 * 24 * 60), minutes(600 * 24 * 60))
  fc.assert(
    fc.property(fc.constantFrom(...changing), minutes(700 * 24 * 60), duration, (model, after, length) => {
      const at = (time: number) => new Date(time).toISOString()
      const [from, to] = [start + after, start + after + length]
      const within = pricesWithin(entryAt(model, at(from)), at(from), at(to))
      const step = Math.max(60_000, Math.floor(length / 2_000 / 60_000) * 60_000)
      const seen = new Set<ModelPrice>()
      for (let time = from; time <= to; time += step) seen.add(entryAt(model, at(time)).prices)
      expect([...seen].filter((prices) => !within.includes(prices))).toEqual([])
      if (step === 60_000) expect(within.filter((prices) => !seen.has(prices))).toEqual([])
    }),
  )
})
