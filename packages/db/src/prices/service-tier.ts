import { type BreakdownKind, divideHalfEven, type NanoUsd } from '@mgx/contract'
import { type ChargedTier, type Part, parts } from '../breakdown.js'
import { catalogueProvider } from './model-names.js'
import type { Match } from './resolve-model.js'

/** A factor on the rates of tokens, in millionths. */
type Factor = bigint

const MILLION = 1_000_000n
const HALF = 500_000n

/**
 * The share of the standard rates that providers publish for a tier of all their models, by the catalogue's names:
 * https://developers.openai.com/api/docs/guides/flex-processing, https://docs.claude.com/en/docs/build-with-claude/batch-processing,
 * https://ai.google.dev/gemini-api/docs/batch-api, https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch,
 * https://aws.amazon.com/bedrock/pricing, https://mistral.ai/pricing, https://console.groq.com/docs/flex-processing.
 */
const published: Readonly<Record<string, Readonly<Partial<Record<ChargedTier, Factor>>>>> = {
  openai: { batch: HALF, flex: HALF },
  azure: { batch: HALF },
  anthropic: { batch: HALF },
  google: { batch: HALF, flex: HALF },
  aws: { batch: HALF, flex: HALF },
  mistral: { batch: HALF },
  groq: { batch: HALF, flex: MILLION },
}

/** Kinds that a tier does not discount: Google says so of cached tokens in a batch. */
const undiscounted: Readonly<Record<string, readonly BreakdownKind[]>> = {
  'google batch': ['cachedInput', 'cachedAudioInput'],
}

/** The factor on a tier's token rates, and the kinds that cost the standard rate. */
export type TierFactors = { readonly factor: Factor; readonly standard: readonly BreakdownKind[] }

/** The standard tier. */
export const STANDARD: TierFactors = { factor: MILLION, standard: [] }

/**
 * Returns the factors of a service tier: the override's, else those that the provider publishes; null when none are
 * known.
 */
export function factorsOf(
  { override, entry, makerEntry }: Match,
  serviceTier: ChargedTier | null,
  provider: string | undefined,
): TierFactors | null {
  if (serviceTier === null || serviceTier === 'standard') return STANDARD
  const own = serviceTier === 'other' ? undefined : override?.serviceTiers[serviceTier]
  if (own !== undefined) return { factor: own, standard: [] }
  const name = provider === undefined ? ((entry ?? makerEntry)?.provider ?? '') : catalogueProvider(provider)
  const factor = published[name]?.[serviceTier]
  return factor === undefined ? null : { factor, standard: undiscounted[`${name} ${serviceTier}`] ?? [] }
}

/** Returns the factors of the dearest tier that a call may meet. */
export function dearestFactors(match: Match, provider: string | undefined): TierFactors {
  const tiers = (['batch', 'flex', 'priority'] as const).map((tier) => factorsOf(match, tier, provider) ?? STANDARD)
  return tiers.reduce((most, tier) => (tier.factor > most.factor ? tier : most), STANDARD)
}

/** Returns the rate of a part in a tier. Requests and searches cost the same in every tier. */
export function rateIn({ factor, standard }: TierFactors, part: Part, rate: NanoUsd): NanoUsd {
  const { kind, scale } = parts[part]
  if (factor === MILLION || scale !== 1n || standard.includes(kind)) return rate
  return divideHalfEven(rate * factor, MILLION)
}
