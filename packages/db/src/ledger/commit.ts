import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { decide } from './core/decide.js'
import { type AskedOperation, priceOperations } from './core/pricing.js'
import { loadBooks } from './load.js'
import { findOverrides, pricesAt } from './price.js'
import type { Committed } from './result.js'
import { writeDecision } from './write.js'

/** Decides and writes a group of operations in one transaction; one outcome an operation, in order. */
export function commitGroup(db: Knex, asked: AskedOperation[]): Promise<Committed[]> {
  return dialectOf(db).readThenWrite(db, async (trx) => {
    // In this order: the accounts are locked before anything else is read.
    const [books, overrides] = await Promise.all([loadBooks(trx, asked), findOverrides(trx, asked)])
    const decision = decide(books, priceOperations(asked, pricesAt(books.now, overrides)))
    const idOf = await writeDecision(trx, decision)
    return decision.outcomes.map((outcome) => ({ outcome, idOf }))
  })
}
