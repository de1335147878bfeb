import { type DomainError, MAX_NANO_USD, type NanoUsd, type ServiceTier } from '@mgx/contract'
import { type ChargedPart, type Part, parts, totalOf } from '../breakdown.js'
import { pricesWithin } from './catalogue.js'
import { tooExpensive, unknownModel } from './price-call.js'
import type { PriceRules } from './price-rules.js'
import { rateCard } from './rate-card.js'
import { type Match, resolveModel } from './resolve-model.js'
import { dearestFactors, factorsOf, rateIn, STANDARD } from './service-tier.js'

/** The most a call may use, before it is made. */
export type CallBounds = {
  readonly model: string
  readonly maxPromptTokens: number
  readonly maxCompletionTokens: number
  readonly maxSearches: number
  readonly cacheWrites: boolean
  readonly provider?: string | undefined
  /** By default the dearest tier. */
  readonly serviceTier?: ServiceTier | undefined
}

/** A call is priced when it is settled, and a hold rarely lasts longer than this. */
const HORIZON_MILLISECONDS = 24 * 3_600 * 1_000

/**
 * Returns the most that a call within these bounds can cost, in nano-USD, when it is settled within a day from `at`
 * (ISO-8601 UTC): all its tokens at the dearest rate that each can meet, in the dearest tier. Returns a DomainError for
 * a call that cannot be priced, as `priceCall` does.
 */
export function dearestCost(bounds: CallBounds, at: string, rules: PriceRules): NanoUsd | DomainError {
  const matches = matchesWithinADay(bounds, at, rules)
  const most = dearest(matches.flatMap((match) => dearestOf(match, bounds) ?? []))
  if (most === undefined) return unknownModel(bounds, rules, matches[0])
  return most > MAX_NANO_USD ? tooExpensive() : most
}

/** Returns every rule that may price the call in the next day: prices change by day and hour, and overrides begin and end. */
function matchesWithinADay({ model, provider }: CallBounds, from: string, { overrides, index }: PriceRules): Match[] {
  const to = new Date(Date.parse(from) + HORIZON_MILLISECONDS).toISOString()
  const changes = overrides.flatMap(({ effectiveFrom, effectiveTo }) => [effectiveFrom, effectiveTo ?? ''])
  const instants = [from, ...new Set(changes.filter((instant) => instant > from && instant < to))]
  return instants.flatMap((at) => {
    const match = resolveModel(model, at, provider, index)
    if (!match?.entry) return match ?? []
    const { entry } = match
    return pricesWithin(entry, from, to).map((prices) => ({ ...match, entry: { ...entry, prices } }))
  })
}

const readParts = partsWhere((kind) => /input$/i.test(kind))
const writtenParts = partsWhere((kind) => kind.startsWith('cacheWrite'))
const completionParts = partsWhere((kind) => kind === 'output' || kind === 'audioOutput')

const promptParts = ({ cacheWrites }: CallBounds) => (cacheWrites ? [...readParts, ...writtenParts] : readParts)

/** Returns the highest cost over the price's tiers, because a call with fewer prompt tokens may meet higher rates. */
function dearestOf(match: Match, bounds: CallBounds): NanoUsd | undefined {
  const { maxPromptTokens, maxCompletionTokens, maxSearches, serviceTier, provider } = bounds
  const card = rateCard(match)
  const factors =
    serviceTier === undefined ? dearestFactors(match, provider) : (factorsOf(match, serviceTier, provider) ?? STANDARD)
  const costs = card.flatMap(({ above, rates }, index) => {
    if (above >= 0 && maxPromptTokens <= above) return []
    const most = Math.min(maxPromptTokens, card[index + 1]?.above ?? maxPromptTokens)
    const rateOf = (part: Part) => {
      const rate = rates[part]
      return rate === null ? null : rateIn(factors, part, rate)
    }
    const charged = [
      dearestPart(promptParts(bounds), most, rateOf),
      dearestPart(completionParts, maxCompletionTokens, rateOf),
      dearestPart(['search', 'fileSearch'], maxSearches, rateOf),
      dearestPart(['request'], 1, rateOf),
    ]
    const known = charged.filter((part) => part !== undefined)
    if (known.length < charged.length) return []
    return [totalOf(known)]
  })
  return dearest(costs)
}

function dearest(costs: readonly NanoUsd[]): NanoUsd | undefined {
  let most = costs[0]
  for (const cost of costs) if (most === undefined || cost > most) most = cost
  return most
}

/** Returns the part with the highest rate, with all the units; undefined when tokens have no rate. */
function dearestPart(
  candidates: readonly Part[],
  units: number,
  rateOf: (part: Part) => NanoUsd | null,
): ChargedPart | undefined {
  let dearest: ChargedPart | undefined
  for (const part of candidates) {
    const rate = rateOf(part) ?? (units === 0 || parts[part].scale !== 1n ? 0n : undefined)
    if (rate !== undefined && (dearest === undefined || rate > dearest.rate)) dearest = { part, units, rate }
  }
  return dearest
}

function partsWhere(isWanted: (kind: string) => boolean): Part[] {
  return (Object.keys(parts) as Part[]).filter((part) => isWanted(parts[part].kind))
}
