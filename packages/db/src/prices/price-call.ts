import { DomainError, formatUsd, invalidField, MAX_NANO_USD, type NanoUsd } from '@mgx/contract'
import type { Usage as ReportedUsage } from '@pydantic/genai-prices'
import {
  type Calculation,
  type ChargedPart,
  type ChargedTier,
  type Part,
  parts,
  totalOf,
  type UnratedPart,
} from '../breakdown.js'
import { givenPrice, type Price, type Usage } from './price.js'
import type { PriceRules } from './price-rules.js'
import { rateCard, tierFor } from './rate-card.js'
import { type Match, resolveModel } from './resolve-model.js'
import { factorsOf, rateIn, STANDARD } from './service-tier.js'
import type { Units } from './units.js'

/** A model call to price. */
export type CallToPrice = {
  readonly usage: Usage
  readonly units: Units
  /** The cost in nano-USD, if the caller gave it. */
  readonly totalCost?: NanoUsd
  /** The provider whose price applies; without it, the model's name implies the provider. */
  readonly provider?: string | undefined
  /** Null for the standard tier. */
  readonly serviceTier?: ChargedTier | null | undefined
  /** What the call used that has no rate anywhere. */
  readonly unpriced?: readonly string[]
  /** The counts of a response body, in the catalogue's terms. */
  readonly reported?: ReportedUsage
}

/**
 * Returns the price of a call at an instant (ISO-8601 UTC): by the caller's cost, else by the override in force, else
 * by the catalogue. For a call that cannot be priced it returns a DomainError, `unknown_model` or `invalid_input`, never
 * a zero.
 */
export function priceCall(call: CallToPrice, at: string, rules: PriceRules): Price | DomainError {
  const { usage, provider, totalCost, unpriced = [] } = call
  const match = resolveModel(usage.model, at, provider, rules.index)
  const canonicalModel = match?.canonicalModel ?? null
  if (totalCost !== undefined) return givenPrice(totalCost, canonicalModel)
  const charges = match && chargesOf(match, call)
  if (!charges) return unknownModel({ model: usage.model, provider }, rules, match)
  const amount = totalOf(charges.charged)
  if (amount > MAX_NANO_USD) return tooExpensive()
  return {
    amount,
    source: match.override ? 'override' : 'catalogue',
    canonicalModel,
    priceId: match.override?.id ?? null,
    calculation: {
      provider: provider ?? null,
      serviceTier: call.serviceTier ?? null,
      charged: charges.charged,
      unrated: charges.unrated,
    },
    unpriced: [...unpriced, ...charges.unpriced],
  }
}

type Charges = Pick<Calculation, 'charged' | 'unrated'> & { readonly unpriced: readonly string[] }

/** Returns what a call is charged for; undefined when its tokens have no rate. */
function chargesOf(
  match: Match,
  {
    usage,
    units,
    serviceTier = null,
    provider,
  }: Pick<CallToPrice, 'units' | 'serviceTier' | 'provider'> & { usage: Pick<Usage, 'promptTokens'> },
): Charges | undefined {
  const { rates } = tierFor(rateCard(match), usage.promptTokens)
  const factors = factorsOf(match, serviceTier, provider)
  const charged: ChargedPart[] = []
  const unrated: UnratedPart[] = []
  const unpriced = new Set<string>(factors === null ? ['serviceTier'] : [])
  for (const [part, count] of units) {
    const rate = rates[part]
    if (rate === null && parts[part].scale === 1n) return undefined
    if (rate === null || isGuessed(match, part)) unpriced.add(parts[part].kind)
    if (rate === null) unrated.push({ part, units: count })
    else if (part !== 'request' || rate > 0n)
      charged.push({ part, units: count, rate: rateIn(factors ?? STANDARD, part, rate) })
  }
  return { charged, unrated, unpriced: [...unpriced] }
}

/** Returns whether a part is charged at another part's rate: the catalogue lacks OpenAI's audio rates of some models. */
function isGuessed({ override, entry }: Match, part: Part): boolean {
  const { kind } = parts[part]
  if (override || !entry || !kind.toLowerCase().includes('audio')) return false
  const isOpenAi = entry.provider === 'openai' || entry.provider === 'azure'
  return isOpenAi && entry.prices[kind === 'audioOutput' ? 'output_audio_mtok' : 'input_audio_mtok'] === undefined
}

/** Returns the error for a cost past the largest amount. */
export function tooExpensive(): DomainError {
  return invalidField('totalCost', `the price of the call must not exceed ${formatUsd(MAX_NANO_USD)} USD`)
}

/**
 * Returns the error for a model without a price, with the known names that are nearest; or for one that has a price, which
 * `match` found, but none for these tokens.
 */
export function unknownModel(
  { model, provider }: { model: string; provider?: string | undefined },
  rules: PriceRules,
  match?: Match | undefined,
): DomainError {
  const nearest = match ? [] : rules.nearest(model)
  const named = `model ${JSON.stringify(model)}`
  const guess =
    nearest.length > 0 ? `; nearest known names: ${nearest.map((name) => JSON.stringify(name)).join(', ')}` : ''
  const what = match ? `${named} has no price for ${unpricedTokens(match)}` : `there is no price for ${named}${guess}`
  const advice = 'give the cost (totalCost, or amount when reserving), or ask an admin to set a price (prices.set)'
  return new DomainError('unknown_model', `${what}: ${advice}`, { model, provider: provider ?? null, nearest })
}

function unpricedTokens(match: Match): string {
  const { input, output } = tierFor(rateCard(match), 0).rates
  return [input === null ? 'prompt tokens' : [], output === null ? 'completion tokens' : []].flat().join(' and ')
}
