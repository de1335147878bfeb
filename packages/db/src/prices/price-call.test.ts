import { DomainError, nanoFromNumber, type PriceOverride } from '@mgx/contract'
import { calcPrice, findProvider } from '@pydantic/genai-prices'
import { describe, expect, test } from 'vitest'
import { priceCall } from './price-call.js'

const AT = '2026-06-01T12:00:00.000Z'
const usage = { promptTokens: 1000, completionTokens: 500, cachedPromptTokens: 0, actionType: null }
const price = (changes: object, at = AT) =>
  priceCall({ usage: { ...usage, model: 'gpt-4o', ...changes } }, at, undefined)

describe('without an override, the catalogue', () => {
  test('prices a known model, cached tokens once and at their own price', () => {
    expect(price({ model: 'gpt-4-turbo' })).toEqual({ amount: 25_000_000n, source: 'catalogue' })
    expect(price({ cachedPromptTokens: 100 })).toEqual({ amount: 7_375_000n, source: 'catalogue' })
  })

  test('prices by the date of the call', () => {
    expect(price({ model: 'o3' }, '2025-06-09T23:59:59.999Z')).toMatchObject({ amount: 30_000_000n })
    expect(price({ model: 'o3' }, '2025-06-10T00:00:00.000Z')).toMatchObject({ amount: 6_000_000n })
  })

  test('prices by the hour where a provider does', () => {
    const call = { model: 'deepseek-chat', promptTokens: 1_000_000, completionTokens: 0 }
    expect(price(call, '2026-06-01T01:00:00.000Z')).toMatchObject({ amount: 270_000_000n })
    expect(price(call, '2026-06-01T23:00:00.000Z')).toMatchObject({ amount: 135_000_000n })
  })

  test.each(['openai', 'anthropic', 'google', 'mistral', 'x-ai', 'deepseek'])(
    'prices every model of %s as the library does, but exactly',
    (providerId) => {
      const models = findProvider({ providerId })?.models ?? []
      expect(models.length).toBeGreaterThan(0)
      for (const { id } of models) {
        for (const [promptTokens, cachedPromptTokens, completionTokens] of [
          [1_234, 0, 567],
          [300_001, 12_345, 4_321],
        ] as const) {
          const counts = { promptTokens, cachedPromptTokens, completionTokens }
          const ours = priceCall({ usage: { ...counts, model: id, actionType: null }, providerId }, AT, undefined)
          const theirs = calcPrice(
            { input_tokens: promptTokens, cache_read_tokens: cachedPromptTokens, output_tokens: completionTokens },
            id,
            { providerId, timestamp: new Date(AT) },
          )
          if (ours instanceof DomainError) {
            expect(ours.reason).toBe('unknown_model')
            expect(theirs?.model_price.input_mtok === undefined || theirs.model_price.output_mtok === undefined).toBe(
              true,
            )
            continue
          }
          const off = ours.amount - nanoFromNumber(theirs?.total_price ?? Number.NaN)
          expect({ id, isNear: off >= -1n && off <= 1n }).toEqual({ id, isNear: true })
        }
      }
    },
  )
})

describe('is refused, never zero and never rounded', () => {
  test.each([
    ['an unknown model', { model: 'no-such-model' }],
    ['a model that is charged by the hour', { model: 'whisper-1' }],
    ['a model without any price', { model: 'gemma-3-27b-it' }],
  ])('%s', (_, changes) => {
    expect(price(changes)).toMatchObject({ reason: 'unknown_model' })
  })

  test('a price past the largest amount', () => {
    expect(price({ promptTokens: Number.MAX_SAFE_INTEGER })).toMatchObject({ reason: 'invalid_input' })
  })
})

test('an override takes precedence over the catalogue, and also prices models that are not in it', () => {
  const override: PriceOverride = {
    id: 1,
    model: 'ours',
    inputPrice: '0.001',
    outputPrice: '2',
    cachedPrice: '0',
    cacheWritePrice: null,
    cacheWrite1hPrice: null,
    audioInputPrice: null,
    cachedAudioInputPrice: null,
    audioOutputPrice: null,
    requestPrice: null,
    searchPrice: null,
    aliases: [],
    pattern: null,
    tiers: [],
    serviceTiers: {},
    effectiveFrom: AT,
    effectiveTo: null,
    createdAt: AT,
  }
  const call = { usage: { ...usage, model: 'ours', cachedPromptTokens: 999 } }
  expect(priceCall(call, AT, override)).toEqual({ amount: 1_000_001n, source: 'override' })
  expect(priceCall(call, AT, { ...override, inputPrice: '9007199.254740992' })).toEqual({
    amount: 9_008_199_255n,
    source: 'override',
  })
  const most = { ...call, usage: { ...call.usage, completionTokens: Number.MAX_SAFE_INTEGER } }
  expect(priceCall(most, AT, { ...override, outputPrice: '9000000' })).toMatchObject({ reason: 'invalid_input' })
})
