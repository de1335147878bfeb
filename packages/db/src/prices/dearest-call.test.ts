import { DomainError, type ServiceTier } from '@mgx/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parts } from '../breakdown.js'
import { rulesOf } from '../testing/price-calls.js'
import { allModels } from './catalogue-models.js'
import { type CallBounds, dearestCost } from './dearest-call.js'
import { priceCall } from './price-call.js'
import type { PriceRules } from './price-rules.js'
import { unitsOf } from './units.js'

const AT = '2026-06-01T12:00:00.000Z'
const DAY = 24 * 3_600 * 1_000
const none = rulesOf()

const share = fc.double({ min: 0, max: 1, noNaN: true })
const bounds = fc.record({
  maxPromptTokens: fc.oneof(fc.nat(2_000), fc.nat(1_000_000)),
  maxCompletionTokens: fc.oneof(fc.nat(2_000), fc.nat(100_000)),
  maxSearches: fc.nat(3),
})
/** Shares of the bounds that a call uses: first of the whole, then of what is left. */
const used = fc.record({
  shares: fc.array(share, { minLength: 14, maxLength: 14 }),
  serviceTier: fc.constantFrom(null, 'batch', 'flex', 'priority'),
  later: share,
})

/** Returns the cost of a random call within bounds, up to a day later. */
function costWithin(
  model: string,
  provider: string | undefined,
  { maxPromptTokens, maxCompletionTokens, maxSearches }: CallBounds,
  { shares, serviceTier, later }: { shares: number[]; serviceTier: ServiceTier | null; later: number },
  rules: PriceRules,
) {
  const next = shares[Symbol.iterator]()
  const some = (of: number) => Math.floor(of * (next.next().value ?? 0))
  const prompt = some(maxPromptTokens)
  const completion = some(maxCompletionTokens)
  const cached = some(prompt)
  const [cacheWrite, cacheWrite1h] = [some(prompt - cached), 0]
  const hour = some(prompt - cached - cacheWrite)
  const audio = { prompt: some(prompt), completion: some(completion) }
  const image = { prompt: some(prompt - audio.prompt), completion: some(completion - audio.completion) }
  const reasoning = some(completion - audio.completion - image.completion)
  const searches = some(maxSearches)
  const units = unitsOf({
    prompt,
    completion,
    cached,
    cacheWrite,
    cacheWrite1h: cacheWrite1h + hour,
    reasoning,
    audio,
    image,
    searches,
    fileSearches: maxSearches - searches,
  })
  if (typeof units === 'string') throw new Error(`the generated call does not fit: ${units}`)
  const sum = [...units].reduce((all, [part, count]) => all + (parts[part].scale === 1n ? count : 0), 0)
  expect(sum).toBe(prompt + completion)
  const usage = { model, promptTokens: prompt, completionTokens: completion, cachedPromptTokens: cached }
  const at = new Date(Date.parse(AT) + Math.floor(later * (DAY - 1))).toISOString()
  return priceCall(
    { usage: { ...usage, actionType: null, usageSource: 'caller' }, units, provider, serviceTier },
    at,
    rules,
  )
}

test('a call within its bounds never costs more than the amount held for it, for every model of the catalogue', () => {
  let held = 0
  for (const { provider, info } of allModels()) {
    fc.assert(
      fc.property(bounds, used, fc.boolean(), (limits, usage, isNamed) => {
        const named = isNamed ? provider : undefined
        const asked = { ...limits, model: info.id, cacheWrites: true, provider: named }
        const most = dearestCost(asked, AT, none)
        if (most instanceof DomainError) return
        held += 1
        const cost = costWithin(info.id, named, asked, usage, none)
        if (cost instanceof DomainError) throw cost
        expect({ model: info.id, fits: cost.amount <= most }).toEqual({ model: info.id, fits: true })
      }),
      { numRuns: 6 },
    )
  }
  expect(held).toBeGreaterThan(5_000)
})

test('the same holds for overrides with tiers and factors, also when another begins within the day', () => {
  const rate = fc.bigInt({ min: 0n, max: 10n ** 11n })
  const rates = fc.record({
    input: rate,
    output: rate,
    cachedInput: fc.option(rate),
    cacheWrite: fc.option(rate),
    request: fc.option(rate),
  })
  const override = fc.record({
    rates,
    tiers: fc.uniqueArray(
      fc.record({ above: fc.integer({ min: 1, max: 500_000 }), rates: fc.record({ input: rate, output: rate }) }),
      { maxLength: 3, selector: ({ above }) => above },
    ),
    serviceTiers: fc.record(
      { batch: fc.bigInt({ min: 1n, max: 3_000_000n }), priority: fc.bigInt({ min: 1n, max: 3_000_000n }) },
      { requiredKeys: [] },
    ),
  })
  const change = '2026-06-01T20:00:00.000Z'
  fc.assert(
    fc.property(override, override, bounds, used, (one, other, limits, usage) => {
      const sorted = (each: typeof one) => ({ ...each, tiers: each.tiers.toSorted((a, b) => a.above - b.above) })
      const rules = rulesOf(
        { ...sorted(one), effectiveTo: change } as never,
        { ...sorted(other), effectiveFrom: change } as never,
      )
      const asked = { ...limits, model: 'ours', cacheWrites: true }
      const most = dearestCost(asked, AT, rules)
      if (most instanceof DomainError) throw most
      const cost = costWithin('ours', undefined, asked, usage, rules)
      if (cost instanceof DomainError) throw cost
      expect(cost.amount <= most).toBe(true)
    }),
  )
})

test('a caller narrows what is held', () => {
  const asked: CallBounds = {
    model: 'claude-sonnet-4-5',
    maxPromptTokens: 100_000,
    maxCompletionTokens: 0,
    maxSearches: 0,
    cacheWrites: true,
  }
  expect(dearestCost(asked, AT, none)).toBe(600_000_000n)
  expect(dearestCost({ ...asked, cacheWrites: false }, AT, none)).toBe(300_000_000n)
  expect(dearestCost({ ...asked, cacheWrites: false, serviceTier: 'batch' }, AT, none)).toBe(150_000_000n)
  expect(dearestCost({ ...asked, maxSearches: 2 }, AT, none)).toBe(620_000_000n)
  expect(dearestCost({ ...asked, maxPromptTokens: 200_001 }, AT, none)).toBe(2_400_012_000n)
  expect(dearestCost({ ...asked, model: 'no-such-model' }, AT, none)).toMatchObject({ reason: 'unknown_model' })
})
