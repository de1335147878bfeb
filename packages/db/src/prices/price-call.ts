import { DomainError, invalidField, type NanoUsd, nanoFromNumber, type PriceOverride } from '@mgx/contract'
import { type Usage as CatalogueUsage, calcPrice } from '@pydantic/genai-prices'
import { type CatalogueEntry, catalogueRates, findInCatalogue } from './catalogue.js'
import { priceByOverride, requirePrice } from './override-price.js'
import { costOf, type Price, type Usage } from './price.js'

/** A model call to price, because the caller did not give its cost. */
export type CallToPrice = {
  readonly usage: Usage
  /** The provider whose catalogue is searched first; without it, the model's name implies the provider. */
  readonly providerId?: string
  /** Usage in a response body beyond plain tokens (cache writes, audio, searches), in the catalogue's terms. */
  readonly details?: CatalogueUsage
  /** Returns where the response body has a detail, as a path in the input of the call. */
  readonly pathOf?: (kind: string) => string | undefined
}

/**
 * Prices a call at an instant (ISO-8601 UTC), by the override in force, else by the catalogue. Returns a DomainError,
 * `unknown_model` or `invalid_input`, for a call that cannot be priced, never a silent zero.
 */
export function priceCall(call: CallToPrice, at: string, override: PriceOverride | undefined): Price | DomainError {
  const { usage, details } = call
  try {
    const entry = override ? undefined : findInCatalogue(usage.model, at, call.providerId)
    if (!entry) return priceByOverride(usage, override)
    const plain = requirePrice(costOf(catalogueRates(entry, usage.promptTokens), usage), usage)
    const amount = details ? priceDetails(entry, call, details, at) : plain
    return { amount, source: 'catalogue' }
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
}

/** Prices the details with the library, which computes in floats, so the sum is rounded once, half-even. */
function priceDetails({ provider }: CatalogueEntry, call: CallToPrice, details: CatalogueUsage, at: string): NanoUsd {
  try {
    const price = calcPrice(details, call.usage.model, { providerId: provider, timestamp: new Date(at) })
    return nanoFromNumber(price?.total_price ?? Number.NaN)
  } catch (error) {
    const { message } = error as Error
    throw invalidField(fieldOf(call, message), `its usage cannot be priced: ${message}`)
  }
}

/** Returns the path of the first count in the library's error, which names a part before the whole that it exceeds. */
function fieldOf({ pathOf }: CallToPrice, message: string): string {
  for (const word of message.match(/\w+/g) ?? []) {
    const path = pathOf?.(word)
    if (path !== undefined) return path
  }
  return 'response'
}
