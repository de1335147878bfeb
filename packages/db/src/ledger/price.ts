import { type DomainError, notFound, type PriceOverride } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { type CallToPrice, priceCall } from '../prices/price-call.js'
import { overridesInForce } from '../stores/prices.js'
import type { Price } from './core/books.js'
import type { AskedOperation } from './core/pricing.js'

type Overrides = ReadonlyMap<string, PriceOverride>

/**
 * Our own prices of the models that callers did not price, by model. Read once a group and in its transaction, never
 * kept: one that any server has set counts for the next call.
 */
export async function findOverrides(trx: Knex.Transaction, asked: readonly AskedOperation[]): Promise<Overrides> {
  const models = new Set(asked.flatMap((operation) => ('toPrice' in operation ? [operation.toPrice.usage.model] : [])))
  return models.size > 0 ? overridesInForce(trx, [...models], trx.raw(dialectOf(trx).now)) : new Map()
}

/** Prices calls at the instant of the group (empty when it found no account). */
export function pricesAt(now: string, overrides: Overrides): (call: CallToPrice) => Price | DomainError {
  return (call) => (now ? priceCall(call, now, overrides.get(call.usage.model)) : notFound('project'))
}
