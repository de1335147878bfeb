import { type DomainError, notFound, type PriceOverride } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import type { Price } from '../prices/price.js'
import { type CallToPrice, priceCall } from '../prices/price-call.js'
import { overridesInForce } from '../stores/prices.js'
import type { Committed } from './core/answer.js'
import { decide } from './core/decide.js'
import { type PendingOperation, priceOperations } from './core/pricing.js'
import { loadBooks } from './load.js'
import { writeDecision } from './write.js'

/** Decides and writes a group of operations in one transaction. Returns one outcome per operation, in order. */
export function decideAndWrite(db: Knex, asked: PendingOperation[]): Promise<Committed[]> {
  return dialectOf(db).readThenWrite(db, async (trx) => {
    // In this order, so that the accounts are locked before anything else is read.
    const [books, overrides] = await Promise.all([loadBooks(trx, asked), findOverrides(trx, asked)])
    const decision = decide(books, priceOperations(asked, pricesAt(books.now, overrides)))
    const idOf = await writeDecision(trx, decision)
    return decision.outcomes.map((outcome) => ({ outcome, idOf }))
  })
}

type Overrides = ReadonlyMap<string, PriceOverride>

/**
 * Returns our own prices, by model, for calls without a cost. Read once per group in its transaction and never cached,
 * so that a price set on any server applies to the next call.
 */
async function findOverrides(trx: Knex.Transaction, asked: readonly PendingOperation[]): Promise<Overrides> {
  const models = new Set(asked.flatMap((operation) => ('toPrice' in operation ? [operation.toPrice.usage.model] : [])))
  return models.size > 0 ? overridesInForce(trx, [...models], trx.raw(dialectOf(trx).now)) : new Map()
}

/** Returns a function that prices calls at the instant of the group. `now` is empty when the group found no account. */
function pricesAt(now: string, overrides: Overrides): (call: CallToPrice) => Price | DomainError {
  return (call) => (now ? priceCall(call, now, overrides.get(call.usage.model)) : notFound('project'))
}
