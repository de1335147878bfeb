import { formatUsd, parseUsd, ServiceTier, UsageProvider } from '@mgx/contract'
import { allModels, everyDatabase } from '@mgx/db/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApi, testApi } from '../testing/callers.js'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const count = fc.oneof(fc.nat(20), fc.nat(3_000), fc.nat(2_000_000))

/** What a call may have used: all counts that a caller can give, in every tier. */
const usages = fc
  .record({
    promptTokens: count,
    completionTokens: count,
    shares: fc.array(share, { minLength: 6, maxLength: 6 }),
    searches: fc.oneof(fc.constant(0), fc.nat(50)),
    serviceTier: fc.constantFrom(undefined, ...ServiceTier.options),
    says: fc.boolean(),
  })
  .map(({ promptTokens, completionTokens, shares, searches, serviceTier, says }) => {
    const next = shares[Symbol.iterator]()
    const some = (of: number) => Math.floor(of * (next.next().value ?? 0))
    const cachedPromptTokens = some(promptTokens)
    const cacheWriteTokens = some(promptTokens - cachedPromptTokens)
    const cacheWrite1hTokens = some(promptTokens - cachedPromptTokens - cacheWriteTokens)
    const audioPromptTokens = some(promptTokens)
    const used = cachedPromptTokens + cacheWriteTokens + cacheWrite1hTokens
    const least = Math.max(0, audioPromptTokens + used - promptTokens)
    const most = Math.min(audioPromptTokens, cachedPromptTokens)
    const cachedAudio = says && least <= most ? { cachedAudioPromptTokens: least + some(most - least) } : {}
    return {
      ...{ promptTokens, completionTokens, cachedPromptTokens, cacheWriteTokens, cacheWrite1hTokens },
      ...{ audioPromptTokens, audioCompletionTokens: some(completionTokens), searches, ...cachedAudio },
      ...(serviceTier && { serviceTier }),
    }
  })

const models = allModels()
const called = fc.integer({ min: 0, max: models.length - 1 }).chain((index) => {
  const model = models[index]?.info.id ?? ''
  const own = UsageProvider.safeParse(models[index]?.provider)
  const provider = fc.constantFrom(undefined, ...(own.success ? [own.data] : []))
  return fc.record({ model: fc.constant(model), provider }, { requiredKeys: ['model'] })
})
const calls = fc.array(
  fc.tuple(called, usages).map(([{ model, provider }, usage]) => ({ model, ...(provider && { provider }), ...usage })),
  { minLength: 1, maxLength: 60, size: 'max' },
)
type Call = typeof calls extends fc.Arbitrary<(infer Each)[]> ? Each : never

const AT = '2026-06-01T12:00:00.000Z'
const apis: { name: string; api: TestApi; projectId: number }[] = []
beforeAll(async () => {
  for (const database of everyDatabase) {
    const api = await testApi(database)
    const { id } = await api.admin.projects.create({ name: 'Snake', idea: 'A game' })
    apis.push({ name: database.name, api, projectId: id })
  }
})
afterAll(async () => {
  for (const { api } of apis) await api.close()
})

type Costed = { totalCost: string; breakdown: { amount: string }[] | null; unpriced: string[] }

/** Returns what was charged, or why nothing was. */
function shown({ totalCost, breakdown, unpriced }: Costed): Costed {
  const sum = (breakdown ?? []).reduce((total, { amount }) => total + parseUsd(amount), 0n)
  expect(formatUsd(sum)).toBe(totalCost)
  return { totalCost, breakdown, unpriced }
}

const reasonOf = ({ cause }: { cause: { reason: string } }) => cause.reason

/** Returns what each call costs on one database: by one record, by many, and by a quote for the instant of the record. */
async function costsOn({ api, projectId }: (typeof apis)[number], asked: Call[]) {
  const { admin } = api
  const { results } = await admin.costs.recordMany({ records: asked.map((call) => ({ projectId, ...call })) })
  const many = results.map((each) => (each.ok ? shown(each.record) : each.error.reason))
  const records = await Promise.all(
    asked.map((call) => admin.costs.record({ projectId, ...call }).then(({ record }) => record, reasonOf)),
  )
  const one = records.map((record) => (typeof record === 'string' ? record : shown(record)))
  const quoted = await Promise.all(
    asked.map((call, index) => {
      const record = records[index]
      const at = typeof record === 'object' ? record.createdAt : AT
      return admin.prices.quote({ ...call, at }).then(shown, reasonOf)
    }),
  )
  const fixed = await Promise.all(asked.map((call) => admin.prices.quote({ ...call, at: AT }).then(shown, reasonOf)))
  return { many, one, quoted, fixed }
}

test('a quote, a record and many records cost the same, to the byte, on every database', async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (asked) => {
      const costs = await Promise.all(apis.map((on) => costsOn(on, asked)))
      for (const { many, one, quoted } of costs) {
        expect(one).toEqual(quoted)
        expect(many).toEqual(quoted)
      }
      const [first, ...others] = costs.map(({ fixed }) => JSON.stringify(fixed))
      for (const other of others) expect(other).toBe(first)
    }),
    { numRuns: 12 },
  )
}, 120_000)

test('every model of the catalogue costs the same on every database, and the parts add up', async () => {
  const random = fc.sample(usages, models.length)
  const asked = models.map(
    ({ info: { id } }, index): Call => ({ model: id, ...(random[index] as (typeof random)[number]) }),
  )
  const isFixed = models.map(({ info: { prices } }) => !Array.isArray(prices))
  const costs = await Promise.all(
    apis.map(async ({ api, projectId }) => {
      const charged: (Costed | string)[] = []
      for (let from = 0; from < asked.length; from += 500) {
        const records = asked.slice(from, from + 500).map((call) => ({ projectId, ...call }))
        const { results } = await api.admin.costs.recordMany({ records })
        charged.push(...results.map((each) => (each.ok ? shown(each.record) : each.error.reason)))
      }
      // Prices by the hour may change between two databases.
      return charged.filter((_, index) => isFixed[index])
    }),
  )
  const [first, ...others] = costs.map((each) => JSON.stringify(each))
  for (const other of others) expect(other).toBe(first)
  expect(costs[0]?.filter((each) => typeof each === 'object').length).toBeGreaterThan(models.length / 2)
}, 120_000)

test('and afterwards the books of every database balance', async () => {
  for (const { api, name } of apis) {
    expect([name, await api.admin.system.verify()]).toMatchObject([name, { ok: true, drifts: [] }])
    expect([name, api.internal]).toEqual([name, []])
  }
})
