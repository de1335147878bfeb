import { DomainError, formatUsd, type PriceQuote, type QuotePriceInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { readClock } from '../dialect/dialect.js'
import { catalogueRates, findInCatalogue } from '../prices/catalogue.js'
import { overrideBasis, type PriceBasis, shownRates } from '../prices/override-price.js'
import { priceCall } from '../prices/price-call.js'
import { overridesInForce } from '../stores/prices.js'

/**
 * Returns what a call would cost at an instant, and the prices that this follows from.
 * @throws DomainError `unknown_model`; `invalid_input` when the cost would exceed the largest amount.
 */
export async function quotePrice(db: Knex, { at: asked, ...tokens }: QuotePriceInput): Promise<PriceQuote> {
  const at = asked ?? (await readClock(db))
  const override = (await overridesInForce(db, [tokens.model], at)).get(tokens.model)
  const price = priceCall({ usage: { ...tokens, actionType: null } }, at, override)
  if (price instanceof DomainError) throw price
  const basis = override ? overrideBasis(override) : catalogued(tokens.model, tokens.promptTokens, at)
  return { totalCost: formatUsd(price.amount), at, ...basis }
}

function catalogued(name: string, promptTokens: number, at: string): PriceBasis {
  const entry = findInCatalogue(name, at)
  if (!entry) throw new Error(`${name} was priced by the catalogue but is not in it`)
  const { provider, model, effectiveFrom, effectiveTo } = entry
  const rates = shownRates(catalogueRates(entry, promptTokens))
  return { priceSource: 'catalogue', provider, model, ...rates, effectiveFrom, effectiveTo }
}
