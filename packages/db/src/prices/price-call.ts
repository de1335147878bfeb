import { DomainError, invalidField, type NanoUsd, nanoFromNumber, type PriceOverride } from '@mgx/contract'
import { type Usage as CatalogueUsage, calcPrice } from '@pydantic/genai-prices'
import { type CatalogueEntry, catalogueRates, findInCatalogue } from './catalogue.js'
import { priceByOverride, requirePrice } from './override-price.js'
import { costOf, type Price, type Usage } from './price.js'

/** A model call that is priced here, because the caller did not say what it cost. */
export type CallToPrice = {
  readonly usage: Usage
  /** Whose catalogue is looked at first; without it, the model's name tells. */
  readonly providerId?: string
  /** What a response body says beyond plain tokens (cache writes, audio, searches), in the catalogue's words. */
  readonly details?: CatalogueUsage
  /** Where the response body has a detail, as a path in the input of the call. */
  readonly pathOf?: (kind: string) => string | undefined
}

/**
 * What a call costs at an instant (ISO-8601 UTC): by the override in force, else by the catalogue. What cannot be priced
 * is the refusal it leads to, `unknown_model` or `invalid_input`, never a silent zero.
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

/** The library knows what each detail is charged with; it computes in floats, so this is rounded once, half-even. */
function priceDetails({ provider }: CatalogueEntry, call: CallToPrice, details: CatalogueUsage, at: string): NanoUsd {
  try {
    const price = calcPrice(details, call.usage.model, { providerId: provider, timestamp: new Date(at) })
    return nanoFromNumber(price?.total_price ?? Number.NaN)
  } catch (error) {
    const { message } = error as Error
    throw invalidField(fieldOf(call, message), `its usage cannot be priced: ${message}`)
  }
}

/** The count that the library complains of: of those it names, a part comes before the whole that it exceeds. */
function fieldOf({ pathOf }: CallToPrice, message: string): string {
  for (const word of message.match(/\w+/g) ?? []) {
    const path = pathOf?.(word)
    if (path !== undefined) return path
  }
  return 'response'
}
