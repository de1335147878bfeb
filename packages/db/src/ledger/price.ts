import { DomainError, invalidField, nanoFromNumber } from '@mgx/contract'
import { calcPrice } from '@pydantic/genai-prices'
import type { Price, Usage } from './core/books.js'

/**
 * What the catalogue says a call costs, rounded once, half-even, to nano-USD. The catalogue computes in floats;
 * cached prompt tokens are part of the prompt tokens and priced once, at the cached price where there is one.
 * An unknown model is the refusal `unknown_model`, never a silent zero.
 */
export function cataloguePrice({
  model,
  promptTokens,
  completionTokens,
  cachedPromptTokens,
}: Usage): Price | DomainError {
  const price = calcPrice(
    { input_tokens: promptTokens, output_tokens: completionTokens, cache_read_tokens: cachedPromptTokens },
    model,
  )
  if (!price) {
    return new DomainError('unknown_model', 'no price is known for this model: send totalCost', { model })
  }
  try {
    return { amount: nanoFromNumber(price.total_price), source: 'catalogue' }
  } catch (error) {
    return invalidField('totalCost', `the price of the call ${(error as RangeError).message}`)
  }
}
