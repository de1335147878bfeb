import { divideHalfEven, type NanoUsd, type PriceSource } from '@mgx/contract'

/** What a model call was, apart from its price. Tokens are counts. */
export type Usage = {
  readonly model: string
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedPromptTokens: number
  readonly actionType: string | null
}

/** What a call costs, in nano-USD, and where that figure came from. */
export type Price = { readonly amount: NanoUsd; readonly source: PriceSource }

/** What is charged for a million of each, in nano-USD; null where no price is known. */
export type Rates = {
  readonly input: NanoUsd | null
  readonly output: NanoUsd | null
  readonly cached: NanoUsd | null
  readonly request: NanoUsd
}

export type Tokens = Pick<Usage, 'promptTokens' | 'completionTokens' | 'cachedPromptTokens'>

const MILLION = 1_000_000n

/**
 * What a call of these tokens costs, exactly, rounded once, half-even, to nano-USD. The cached tokens are among the
 * prompt tokens and priced once. Null when there are tokens that no price is known for.
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
