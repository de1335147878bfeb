import type { BreakdownKind, ServiceTier, UsageProvider } from '@mgx/contract'

export type Body = Readonly<Record<string, unknown>>

/**
 * A model call as its provider reports it and as its provider bills it. The amounts were worked out by hand from the
 * provider's published price list; the comment above each total gives the amount of each line in millionths of a
 * dollar.
 */
export type Invoice = {
  readonly name: string
  /** What the caller sends: a whole body, or the usage object with which a stream ends. */
  readonly input:
    | { provider: UsageProvider; response: Body; model?: string; serviceTier?: ServiceTier }
    | { provider: UsageProvider; model: string; usage: Body; serviceTier?: ServiceTier }
  /** USD. */
  readonly totalCost: string
  readonly expect: {
    readonly model: string
    readonly canonicalModel: string
    /** Cached reads and cache writes included. */
    readonly promptTokens: number
    readonly cachedPromptTokens: number
    readonly completionTokens: number
    /** Kind, units, and rate in USD: for a million tokens, a request, or a thousand searches. */
    readonly lines: readonly (readonly [BreakdownKind, number, string])[]
    readonly unpriced?: readonly string[]
  }
}
