import {
  DomainError,
  formatUsd,
  invalidField,
  MAX_NANO_USD,
  type NanoUsd,
  nanoFromNumber,
  type PriceOverride,
  parseUsd,
} from '@mgx/contract'
import { type Usage as CatalogueUsage, calcPrice } from '@pydantic/genai-prices'
import type { Price, Usage } from '../ledger/core/books.js'
import { type CatalogueEntry, catalogueRates, findInCatalogue } from './catalogue.js'
import { costOf, type Rates } from './rates.js'

/** A model call that is priced here, because the caller did not say what it cost. */
export type CallToPrice = {
  readonly usage: Usage
  /** Whose catalogue is looked at first; without it, the model's name tells. */
  readonly providerId?: string
  /** What a response body says beyond plain tokens (cache writes, audio, searches), in the catalogue's words. */
  readonly details?: CatalogueUsage
}

/**
 * What a call costs at an instant (ISO-8601 UTC): by the override in force, else by the catalogue. What cannot be priced
 * is the refusal it leads to, `unknown_model` or `invalid_input`, never a silent zero.
 */
export function priceCall(call: CallToPrice, at: string, override: PriceOverride | undefined): Price | DomainError {
  const { usage, providerId, details } = call
  try {
    if (override) return { amount: requirePrice(costOf(overrideRates(override), usage), usage), source: 'override' }
    const entry = findInCatalogue(usage.model, at, providerId)
    const plain = requirePrice(entry ? costOf(catalogueRates(entry, usage.promptTokens), usage) : null, usage)
    const amount = entry && details ? priceDetails(entry, usage, details, at) : plain
    return { amount, source: 'catalogue' }
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
}

/** The prices of an override. */
export function overrideRates({ inputPrice, outputPrice, cachedPrice }: PriceOverride): Rates {
  return { input: parseUsd(inputPrice), output: parseUsd(outputPrice), cached: parseUsd(cachedPrice), request: 0n }
}

/** The library knows what each detail is charged with; it computes in floats, so this is rounded once, half-even. */
function priceDetails({ provider }: CatalogueEntry, { model }: Usage, details: CatalogueUsage, at: string): NanoUsd {
  try {
    const price = calcPrice(details, model, { providerId: provider, timestamp: new Date(at) })
    return nanoFromNumber(price?.total_price ?? Number.NaN)
  } catch (error) {
    throw invalidField('response', `its usage cannot be priced: ${(error as Error).message}`)
  }
}

function requirePrice(amount: NanoUsd | null, { model }: Usage): NanoUsd {
  if (amount === null) {
    throw new DomainError('unknown_model', 'no price is known for these tokens of this model: send totalCost', {
      model,
    })
  }
  if (amount <= MAX_NANO_USD) return amount
  throw invalidField('totalCost', `the price of the call must not be past ${formatUsd(MAX_NANO_USD)} USD`)
}
