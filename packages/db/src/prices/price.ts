import { divideHalfEven, type NanoUsd, type PriceSource } from '@mgx/contract'

/** A model call without its price. Tokens are counts. */
export type Usage = {
  readonly model: string
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedPromptTokens: number
  readonly actionType: string | null
}

/** The cost of a call in nano-USD, and where that figure came from. */
export type Price = { readonly amount: NanoUsd; readonly source: PriceSource }

/** Prices per million tokens or requests, in nano-USD; null where there is none. */
export type Rates = {
  readonly input: NanoUsd | null
  readonly output: NanoUsd | null
  readonly cached: NanoUsd | null
  readonly request: NanoUsd
}

export type Tokens = Pick<Usage, 'promptTokens' | 'completionTokens' | 'cachedPromptTokens'>

const MILLION = 1_000_000n

/**
 * Returns the cost of these tokens: computed exactly and rounded once, half-even, to nano-USD. Cached tokens are part of
 * the prompt tokens and are priced once. Null when tokens have no price.
 */
export function costOf(rates: Rates, { promptTokens, completionTokens, cachedPromptTokens }: Tokens): NanoUsd | null {
  const parts: [number, NanoUsd | null][] = [
    [promptTokens - cachedPromptTokens, rates.input],
    [cachedPromptTokens, rates.cached],
    [completionTokens, rates.output],
    [1, rates.request],
  ]
  let millionths = 0n
  for (const [count, rate] of parts) {
    if (count === 0) continue
    if (rate === null) return null
    millionths += BigInt(count) * rate
  }
  return divideHalfEven(millionths, MILLION)
}
