import type { NanoUsd, PriceSource, UsageSource } from '@mgx/contract'
import type { Calculation } from '../breakdown.js'

/** What a cost record says about a model call, apart from its price. Tokens are counts. */
export type Usage = {
  readonly model: string
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedPromptTokens: number
  readonly actionType: string | null
  readonly usageSource: UsageSource
}

/** The cost of a call in nano-USD, and how it was found. */
export type Price = {
  readonly amount: NanoUsd
  readonly source: PriceSource
  readonly canonicalModel: string | null
  /** The override that the cost was computed from. */
  readonly priceId: number | null
  /** Null when the caller gave the cost. */
  readonly calculation: Calculation | null
  /** What the cost does not include, because its rate is unknown. */
  readonly unpriced: readonly string[]
}

/** Returns the price of a call whose cost the caller gave. */
export function givenPrice(amount: NanoUsd, canonicalModel: string | null): Price {
  return { amount, source: 'caller', canonicalModel, priceId: null, calculation: null, unpriced: [] }
}
