import { DomainError } from '@mgx/contract'
import { expect, test } from 'vitest'
import { cataloguePrice } from './price.js'

const usage = { promptTokens: 1000, completionTokens: 500, cachedPromptTokens: 0, actionType: null }

test('a known model is priced by the catalogue, cached tokens once and at their own price', () => {
  expect(cataloguePrice({ ...usage, model: 'gpt-4-turbo' })).toEqual({ amount: 25_000_000n, source: 'catalogue' })
  expect(cataloguePrice({ ...usage, model: 'gpt-4o', cachedPromptTokens: 100 })).toEqual({
    amount: 7_375_000n,
    source: 'catalogue',
  })
})

test('an unknown model is refused, never zero', () => {
  const refusal = cataloguePrice({ ...usage, model: 'no-such-model' })
  expect(refusal).toBeInstanceOf(DomainError)
  expect(refusal).toMatchObject({ reason: 'unknown_model' })
})

test('a price past the largest amount is refused, never rounded', () => {
  const refusal = cataloguePrice({ ...usage, model: 'gpt-4-turbo', promptTokens: Number.MAX_SAFE_INTEGER })
  expect(refusal).toMatchObject({ reason: 'invalid_input' })
})
