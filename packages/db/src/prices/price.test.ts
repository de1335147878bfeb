import fc from 'fast-check'
import { expect, test } from 'vitest'
import { costOf } from './price.js'

const rate = fc.bigInt({ min: 0n, max: 2n ** 53n })
const count = fc.maxSafeNat()
const tokens = fc.tuple(count, count, count).map(([a, b, completionTokens]) => ({
  promptTokens: Math.max(a, b),
  cachedPromptTokens: Math.min(a, b),
  completionTokens,
}))

test('a cost is exact, rounded once to nano-USD, ties to even', () => {
  fc.assert(
    fc.property(rate, rate, rate, rate, tokens, (input, output, cached, request, call) => {
      const { promptTokens, completionTokens, cachedPromptTokens } = call
      const fresh = BigInt(promptTokens) - BigInt(cachedPromptTokens)
      const millionths =
        fresh * input + BigInt(cachedPromptTokens) * cached + BigInt(completionTokens) * output + request
      const cost = costOf({ input, output, cached, request }, call)
      if (cost === null) throw new Error('every price is known')
      // |cost - exact| <= 1/2, and at exactly 1/2 the even neighbour.
      const twiceOff = 2n * (cost * 1_000_000n - millionths)
      expect(twiceOff >= -1_000_000n && twiceOff <= 1_000_000n).toBe(true)
      if (twiceOff === 1_000_000n || twiceOff === -1_000_000n) expect(cost % 2n).toBe(0n)
    }),
  )
})

test('half a nano-USD goes to the even neighbour', () => {
  const half = { input: 500_000n, output: null, cached: 0n, request: 0n }
  const cost = (promptTokens: number) => costOf(half, { promptTokens, completionTokens: 0, cachedPromptTokens: 0 })
  expect([1, 2, 3, 4, 5].map(cost)).toEqual([0n, 1n, 2n, 2n, 2n])
})

test('cached tokens are part of the prompt tokens and priced once', () => {
  const rates = { input: 10_000_000n, output: 0n, cached: 1_000_000n, request: 0n }
  expect(costOf(rates, { promptTokens: 100, completionTokens: 0, cachedPromptTokens: 40 })).toBe(640n)
})

test('tokens without a price have no cost, but zero such tokens cost nothing', () => {
  const rates = { input: 1_000_000n, output: null, cached: null, request: 0n }
  expect(costOf(rates, { promptTokens: 5, completionTokens: 1, cachedPromptTokens: 0 })).toBeNull()
  expect(costOf(rates, { promptTokens: 5, completionTokens: 0, cachedPromptTokens: 1 })).toBeNull()
  expect(costOf(rates, { promptTokens: 5, completionTokens: 0, cachedPromptTokens: 0 })).toBe(5n)
})
