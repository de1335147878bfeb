import { describe, expect, test } from 'vitest'
import { readCalculation, writeCalculation } from '../breakdown.js'
import { rulesOf } from '../testing/price-calls.js'
import { chargedItems, reportedTier } from './charged-items.js'
import { priceCall } from './price-call.js'
import { readUsage } from './provider-usage.js'

const usage = { prompt_tokens: 1000, completion_tokens: 0 }

describe('the service tier of a body', () => {
  test.each([
    ['priority', { service_tier: 'priority' }],
    ['flex', { serviceTier: { type: 'flex' } }],
    ['flex', { usageMetadata: { trafficType: 'ON_DEMAND_FLEX' } }],
    ['priority', { usageMetadata: { trafficType: 'ON_DEMAND_PRIORITY' } }],
    ['other', { usageMetadata: { trafficType: 'PROVISIONED_THROUGHPUT' } }],
    [null, { usageMetadata: { trafficType: 'ON_DEMAND' } }],
    [null, { service_tier: 'default' }],
    [null, {}],
  ])('%s of %j', (tier, body) => expect(reportedTier(body, {})).toBe(tier))

  test.each(['constructor', '__proto__', 'x i5@9', 'foo bar', 'a/b', 'z'.repeat(10_000)])(
    'that is not known (%#) is charged as the standard one and can be read back',
    (tier) => {
      const call = readUsage({ provider: 'openai', response: { model: 'gpt-5', service_tier: tier, usage } })
      const price = priceCall(call, '2026-06-01T00:00:00.000Z', rulesOf({ model: 'gpt-5', rates: { input: 7n } }))
      if (price instanceof Error || !price.calculation) throw new Error('the call has no calculation')
      expect(price.unpriced).toEqual(['serviceTier'])
      expect(readCalculation(writeCalculation(price.calculation))).toEqual(price.calculation)
    },
  )
})

test('only items that are charged without a known rate are named', () => {
  const output = ['code_interpreter_call', 'constructor', '__proto__', 'toString', 7, null].map((type) => ({ type }))
  expect(chargedItems({ output }).unpriced).toEqual(['codeInterpreter'])
})

test.each([
  ['a whole body', (usage: object) => ({ response: { type: 'message', usage } })],
  ['a usage object alone', (usage: object) => ({ usage })],
])('surcharges of Anthropic in %s are named', (_, sent) => {
  const tokens = { input_tokens: 10, output_tokens: 5 }
  const unpricedOf = (usage: object) =>
    readUsage({ provider: 'anthropic', model: 'claude-opus-4-6', ...sent({ ...tokens, ...usage }) } as never).unpriced
  expect(unpricedOf({ inference_geo: 'us', speed: 'fast' })).toEqual(['inferenceGeo', 'speed'])
  expect(unpricedOf({ inference_geo: 'global', speed: 'standard' })).toEqual([])
})
