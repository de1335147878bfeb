import { DomainError, nanoFromNumber } from '@mgx/contract'
import { calcPrice } from '@pydantic/genai-prices'
import { describe, expect, test } from 'vitest'
import { toBreakdown } from '../breakdown.js'
import { callOf, rulesOf } from '../testing/price-calls.js'
import { allModels } from './catalogue-models.js'
import { type CallToPrice, priceCall } from './price-call.js'

const AT = '2026-06-01T12:00:00.000Z'
const NO_RULES = rulesOf()
const call = { model: 'gpt-4o', promptTokens: 1000, completionTokens: 500 }
const price = (changes: Partial<Parameters<typeof callOf>[0]>, at = AT, rules = NO_RULES) =>
  priceCall(callOf({ ...call, ...changes }), at, rules)
const linesOf = (found: ReturnType<typeof priceCall>) => {
  if (found instanceof DomainError) throw found
  return found.calculation && toBreakdown(found.calculation).map(({ kind, units, rate }) => [kind, units, rate])
}

describe('without an override, the catalogue', () => {
  test('prices a known model, cached tokens once and at their own price', () => {
    expect(price({ model: 'gpt-4-turbo' })).toMatchObject({ amount: 25_000_000n, source: 'catalogue' })
    expect(price({ cachedPromptTokens: 100 })).toMatchObject({ amount: 7_375_000n, source: 'catalogue' })
  })

  test('prices by the date of the call', () => {
    expect(price({ model: 'o3' }, '2025-06-09T23:59:59.999Z')).toMatchObject({ amount: 30_000_000n })
    expect(price({ model: 'o3' }, '2025-06-10T00:00:00.000Z')).toMatchObject({ amount: 6_000_000n })
  })

  test('prices by the hour where a provider does', () => {
    const million = { model: 'deepseek-chat', promptTokens: 1_000_000, completionTokens: 0 }
    expect(price(million, '2026-06-01T01:00:00.000Z')).toMatchObject({ amount: 270_000_000n })
    expect(price(million, '2026-06-01T23:00:00.000Z')).toMatchObject({ amount: 135_000_000n })
  })

  test('prices writes to the cache, by how long they are kept, and searches', () => {
    const written = { model: 'claude-sonnet-4-5', cacheWriteTokens: 200, cacheWrite1hTokens: 100, searches: 2 }
    expect(linesOf(price({ ...written, cachedPromptTokens: 300 }))).toEqual([
      ['input', 400, '3'],
      ['cachedInput', 300, '0.3'],
      ['cacheWrite', 200, '3.75'],
      ['cacheWrite1h', 100, '6'],
      ['output', 500, '15'],
      ['search', 2, '10'],
    ])
  })

  test('prices audio at its own rates, cached text first', () => {
    const audio = { audioPromptTokens: 600, cachedPromptTokens: 500, audioCompletionTokens: 200 }
    expect(linesOf(price({ model: 'gpt-realtime', ...audio }))).toEqual([
      ['cachedInput', 400, '0.4'],
      ['audioInput', 500, '32'],
      ['cachedAudioInput', 100, '0.4'],
      ['output', 300, '16'],
      ['audioOutput', 200, '64'],
    ])
  })

  test('prices the tier of a long prompt, and the share of a batch', () => {
    const long = { model: 'claude-sonnet-4-5', promptTokens: 200_001, completionTokens: 1 }
    expect(linesOf(price(long))).toEqual([
      ['input', 200_001, '6'],
      ['output', 1, '22.5'],
    ])
    expect(linesOf(price({ ...long, promptTokens: 200_000, serviceTier: 'batch' }))).toEqual([
      ['input', 200_000, '1.5'],
      ['output', 1, '7.5'],
    ])
  })

  test('lists what it could not price', () => {
    expect(price({ serviceTier: 'priority' })).toMatchObject({ amount: 7_500_000n, unpriced: ['serviceTier'] })
    expect(price({ model: 'gpt-4', searches: 1 })).toMatchObject({ unpriced: ['search'] })
    expect(price({ model: 'gpt-4o-audio-preview', audioPromptTokens: 5, audioCompletionTokens: 5 })).toMatchObject({
      unpriced: ['audioInput', 'audioOutput'],
    })
    expect(price({ model: 'gemini-2.5-pro', audioPromptTokens: 5 })).toMatchObject({ unpriced: [] })
  })

  test('prices every model as the library does, but exactly', () => {
    const calls = [
      { promptTokens: 1_234, cachedPromptTokens: 0, completionTokens: 567 },
      { promptTokens: 300_001, cachedPromptTokens: 12_345, completionTokens: 4_321 },
      { promptTokens: 300_001, cachedPromptTokens: 12_345, completionTokens: 4_321, cacheWriteTokens: 54_321 },
    ]
    let priced = 0
    for (const { provider, info } of allModels()) {
      for (const { cacheWriteTokens = 0, ...tokens } of calls) {
        const ours = priceCall({ ...callOf({ model: info.id, ...tokens, cacheWriteTokens }), provider }, AT, NO_RULES)
        const theirs = calcPrice(
          {
            input_tokens: tokens.promptTokens,
            cache_read_tokens: tokens.cachedPromptTokens,
            cache_write_tokens: cacheWriteTokens,
            output_tokens: tokens.completionTokens,
          },
          info.id,
          { providerId: provider, timestamp: new Date(AT) },
        )
        if (ours instanceof DomainError) {
          expect(ours.reason).toBe('unknown_model')
          const { input_mtok: input, output_mtok: output } = theirs?.model_price ?? {}
          expect({ id: info.id, hasPrice: input !== undefined && output !== undefined }).toMatchObject({
            hasPrice: false,
          })
          continue
        }
        // Some of the library's names mean another of its models.
        if (theirs?.model.id !== info.id) continue
        priced += 1
        const off = ours.amount - nanoFromNumber(theirs.total_price)
        expect({ id: info.id, isNear: off >= -1n && off <= 1n }).toEqual({ id: info.id, isNear: true })
      }
    }
    expect(priced).toBeGreaterThan(3_000)
  })
})

describe('is refused, never zero and never rounded', () => {
  test.each([
    ['an unknown model', { model: 'no-such-model' }],
    ['a model that is charged by the hour', { model: 'whisper-1' }],
    ['a model without any price', { model: 'gemma-4-31b-it' }],
  ])('%s', (_, changes) => {
    expect(price(changes)).toMatchObject({ reason: 'unknown_model' })
  })

  test('tokens of a kind that the model has no price for, without naming other models', () => {
    const refused = price({ model: 'text-embedding-3-small', completionTokens: 1 })
    expect(refused).toMatchObject({ reason: 'unknown_model', details: { nearest: [] } })
    expect(refused).toHaveProperty('message', expect.stringContaining('has no price for completion tokens'))
  })

  test('a price past the largest amount', () => {
    expect(price({ promptTokens: Number.MAX_SAFE_INTEGER })).toMatchObject({ reason: 'invalid_input' })
  })
})

describe('an override', () => {
  const USD = 1_000_000_000n
  const ours = (changes: object) => rulesOf({ rates: { input: 2n * USD, output: 8n * USD }, ...changes } as never)

  test('takes precedence over the catalogue, and also prices models that are not in it', () => {
    expect(price({ model: 'ours' }, AT, ours({}))).toMatchObject({ amount: 6_000_000n, source: 'override', priceId: 1 })
    expect(price({}, AT, ours({ model: 'gpt-4o' }))).toMatchObject({ amount: 6_000_000n, canonicalModel: 'gpt-4o' })
    const most = { model: 'ours', completionTokens: Number.MAX_SAFE_INTEGER }
    expect(price(most, AT, ours({}))).toMatchObject({ reason: 'invalid_input' })
  })

  test('derives rates it does not give by the ratios of the catalogue, else from the input or output rate', () => {
    const everything = { cachedPromptTokens: 100, cacheWriteTokens: 100, cacheWrite1hTokens: 100 }
    expect(
      linesOf(price({ model: 'claude-sonnet-4-5-20250929', ...everything }, AT, ours({ model: 'claude-sonnet-4-5' }))),
    ).toEqual([
      ['input', 700, '2'],
      ['cachedInput', 100, '0.2'],
      ['cacheWrite', 100, '2.5'],
      ['cacheWrite1h', 100, '4'],
      ['output', 500, '8'],
    ])
    expect(linesOf(price({ model: 'ours', ...everything, audioPromptTokens: 100 }, AT, ours({})))).toEqual([
      ['input', 600, '2'],
      ['cachedInput', 100, '2'],
      ['cacheWrite', 100, '2'],
      ['cacheWrite1h', 100, '2'],
      ['audioInput', 100, '2'],
      ['output', 500, '8'],
    ])
  })

  test('derives rates that the entry of a gateway lacks by the ratios of the maker', () => {
    const rules = ours({ model: 'claude-sonnet-4-5' })
    const written = { promptTokens: 200, cacheWriteTokens: 100, cacheWrite1hTokens: 100, completionTokens: 0 }
    for (const model of ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'openrouter/anthropic/claude-sonnet-4.5']) {
      expect(linesOf(price({ model, ...written }, AT, rules))).toEqual([
        ['cacheWrite', 100, '2.5'],
        ['cacheWrite1h', 100, '4'],
      ])
    }
  })

  test('applies its own rates, tiers and factors', () => {
    const rules = ours({
      rates: { input: 2n * USD, output: 8n * USD, cacheWrite: 3n * USD, request: USD / 100n, search: 7n * USD },
      tiers: [{ above: 5_000, rates: { input: 4n * USD } }],
      serviceTiers: { priority: 2_000_000n },
    })
    const written = { model: 'ours', cacheWriteTokens: 10, searches: 3, serviceTier: 'priority' } as const
    expect(linesOf(price(written, AT, rules))).toEqual([
      ['input', 990, '4'],
      ['cacheWrite', 10, '6'],
      ['output', 500, '16'],
      ['request', 1, '0.01'],
      ['search', 3, '7'],
    ])
    expect(linesOf(price({ ...written, promptTokens: 5_001 }, AT, rules))?.[0]).toEqual(['input', 4_991, '8'])
    expect(linesOf(price({ ...written, promptTokens: 5_000 }, AT, rules))?.[0]).toEqual(['input', 4_990, '4'])
  })
})

test('a cost that the caller gave is kept, with the canonical name of its model', () => {
  const given: CallToPrice = { ...callOf({ ...call, model: 'openai/gpt-4o-2024-08-06' }), totalCost: 7n }
  expect(priceCall(given, AT, NO_RULES)).toEqual({
    amount: 7n,
    source: 'caller',
    canonicalModel: 'gpt-4o',
    priceId: null,
    calculation: null,
    unpriced: [],
  })
})
