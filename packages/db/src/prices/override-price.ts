import {
  DomainError,
  formatUsd,
  invalidField,
  MAX_NANO_USD,
  type NanoUsd,
  type PriceOverride,
  type PriceQuote,
  parseUsd,
} from '@mgx/contract'
import { costOf, type Price, type Rates, type Usage } from './price.js'

/**
 * Prices a call by our own price of its model.
 * @throws DomainError `unknown_model` when there is no price; `invalid_input` when the cost exceeds the largest amount.
 */
export function priceByOverride(usage: Usage, override: PriceOverride | undefined): Price {
  const amount = override ? costOf(overrideRates(override), usage) : null
  return { amount: requirePrice(amount, usage), source: 'override' }
}

/** Checks a cost. @throws DomainError `unknown_model` when it is null; `invalid_input` past the largest amount. */
export function requirePrice(amount: NanoUsd | null, { model }: Usage): NanoUsd {
  if (amount === null) throw unknownModel(model)
  if (amount <= MAX_NANO_USD) return amount
  throw invalidField('totalCost', `the price of the call must not exceed ${formatUsd(MAX_NANO_USD)} USD`)
}

function unknownModel(model: string): DomainError {
  const what = `there is no price for these tokens of model ${JSON.stringify(model)}`
  const advice = 'give the cost (totalCost, or amount when reserving), or ask an admin to set a price (prices.set)'
  return new DomainError('unknown_model', `${what}: ${advice}`, { model })
}

/** The prices that a call's cost is computed from, and their source. */
export type PriceBasis = Omit<PriceQuote, 'totalCost' | 'at'>

/** Returns the basis of a cost computed from one of our own prices. */
export function overrideBasis(override: PriceOverride): PriceBasis {
  const { model, effectiveFrom, effectiveTo } = override
  const rates = shownRates(overrideRates(override))
  return { priceSource: 'override', provider: null, model, ...rates, effectiveFrom, effectiveTo }
}

/** Formats rates for a quote. */
export function shownRates({ input, output, cached, request }: Rates) {
  const usd = (nano: NanoUsd | null) => (nano === null ? null : formatUsd(nano))
  return {
    inputPrice: usd(input),
    outputPrice: usd(output),
    cachedPrice: usd(cached),
    requestPrice: formatUsd(request / 1_000_000n),
  }
}

function overrideRates({ inputPrice, outputPrice, cachedPrice }: PriceOverride): Rates {
  return { input: parseUsd(inputPrice), output: parseUsd(outputPrice), cached: parseUsd(cachedPrice), request: 0n }
}
