import { type NanoUsd, nanoFromNumber } from '@mgx/contract'
import { calcPrice, type ModelInfo, type ModelPrice } from '@pydantic/genai-prices'
import type { Rates } from './price.js'

/** A model's entry in the catalogue, with its prices at an instant. */
export type CatalogueEntry = {
  readonly provider: string
  readonly model: string
  readonly prices: ModelPrice
  /** The period of these prices, ISO-8601 UTC; null where the catalogue does not say. */
  readonly effectiveFrom: string | null
  readonly effectiveTo: string | null
}

/** Caches entries, because the library takes tens of microseconds to find a model. By day, because prices change daily. */
const found = new Map<string, CatalogueEntry>()
const MOST_KEPT = 1_000

/**
 * Returns the entry of a model at an instant (ISO-8601 UTC): from the given provider if it has the model, else from the
 * provider that the model's name implies. Undefined when the catalogue does not have the model.
 */
export function findInCatalogue(model: string, at: string, providerId?: string): CatalogueEntry | undefined {
  const key = JSON.stringify([at.slice(0, 10), model, providerId])
  const known = found.get(key)
  if (known) return known
  const options = { timestamp: new Date(at) }
  const match = (providerId && calcPrice({}, model, { ...options, providerId })) || calcPrice({}, model, options)
  if (!match) return undefined
  const entry = {
    provider: match.provider.id,
    model: match.model.id,
    prices: match.model_price,
    ...periodOf(match.model, match.model_price, at),
  }
  if (found.size >= MOST_KEPT) found.clear()
  if (!changesWithinTheDay(match.model)) found.set(key, entry)
  return entry
}

/** Returns the rates of an entry for a call with this many prompt tokens, which select the tier of tiered prices. */
export function catalogueRates({ prices }: CatalogueEntry, promptTokens: number): Rates {
  const rate = (key: string) => rateOf(prices[key], promptTokens)
  return {
    input: rate('input_mtok'),
    output: rate('output_mtok'),
    cached: rate('cache_read_mtok') ?? rate('input_mtok'),
    // The catalogue's rate is for a thousand requests.
    request: (rate('requests_kcount') ?? 0n) * 1_000n,
  }
}

function rateOf(price: ModelPrice[string], promptTokens: number): NanoUsd | null {
  if (price === undefined) return null
  if (typeof price === 'number') return nanoFromNumber(price)
  const tiers = price.tiers.filter(({ start }) => promptTokens > start).sort((a, b) => b.start - a.start)
  return nanoFromNumber(tiers[0]?.price ?? price.base)
}

function changesWithinTheDay({ prices }: ModelInfo): boolean {
  return Array.isArray(prices) && prices.some(({ constraint }) => constraint?.type === 'time_of_date')
}

function periodOf(model: ModelInfo, current: ModelPrice, at: string) {
  const dated = Array.isArray(model.prices) ? model.prices : []
  const starts = dated.flatMap(({ constraint, prices }) =>
    constraint?.type === 'start_date' ? [{ prices, start: new Date(constraint.start_date).toISOString() }] : [],
  )
  const next = starts.map(({ start }) => start).filter((start) => start > at)
  return {
    effectiveFrom: starts.find(({ prices }) => prices === current)?.start ?? null,
    effectiveTo: next.sort()[0] ?? null,
  }
}
