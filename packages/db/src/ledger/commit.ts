import { type DomainError, notFound } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { dearestCost } from '../prices/dearest-call.js'
import { priceCall } from '../prices/price-call.js'
import type { PriceRules } from '../prices/price-rules.js'
import type { RememberedRules } from '../stores/price-rules.js'
import type { Committed } from './core/answer.js'
import { decide } from './core/decide.js'
import { isPriced, type PendingOperation, type Pricing, priceOperations } from './core/pricing.js'
import { loadBooks } from './load.js'
import { type Changes, changesOf } from './observer.js'
import { writeDecision } from './write.js'

/** One outcome per operation, in order, and what the group changed. */
type Written = { readonly committed: Committed[]; readonly changes: Changes }

/** Decides and writes a group of operations in one transaction. */
export async function decideAndWrite(db: Knex, rules: RememberedRules, asked: PendingOperation[]): Promise<Written> {
  const { books, decision, idOf } = await dialectOf(db).readThenWrite(db, async (trx) => {
    const { books, pricesVersion } = await loadBooks(trx, asked)
    const operations =
      pricesVersion === undefined
        ? asked.filter(isPriced)
        : priceOperations(asked, pricingAt(books.now, await rules(trx, pricesVersion)))
    const decision = decide(books, operations)
    return { books, decision, idOf: await writeDecision(trx, decision) }
  })
  // After the commit, so that no lock is held meanwhile.
  const committed = decision.outcomes.map((outcome) => ({ outcome, idOf }))
  return { committed, changes: changesOf(books, decision) }
}

/** Returns the pricing of calls at the instant of a group. `now` is empty when the group found no account. */
function pricingAt(now: string, rules: PriceRules): Pricing {
  const found = <Priced>(price: () => Priced): Priced | DomainError => (now ? price() : notFound('project'))
  return {
    priceOf: (call) => found(() => priceCall(call, now, rules)),
    dearestOf: (bounds) => found(() => dearestCost(bounds, now, rules)),
  }
}
