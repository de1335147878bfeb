import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { type PriceRules, priceRules } from '../prices/price-rules.js'
import { listOverrides } from './prices.js'

/** Returns the rules of a version of the prices, reading them only when the version has changed. */
export type RememberedRules = (trx: Knex.Transaction, version: number) => Promise<PriceRules>

/**
 * Keeps the overrides of a database in memory. A transaction reads the version before the rules, so that rules which
 * change in between are read again by the next transaction.
 */
export function rememberRules(): RememberedRules {
  let remembered: { version: number; rules: PriceRules } | undefined
  return async (trx, version) => {
    if (remembered?.version === version) return remembered.rules
    const rules = await readRules(trx)
    remembered = { version, rules }
    return rules
  }
}

/** Reads the overrides that are in force now or later. */
async function readRules(db: Knex): Promise<PriceRules> {
  return priceRules(await listOverrides(db, db.raw(dialectOf(db).now)))
}
