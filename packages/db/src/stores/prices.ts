import type { ListPricesInput, Page, PriceOverride, SetPriceInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import type { Requester } from '../ledger/core/asking.js'
import { PriceModel } from '../models/price.js'
import { idsBelow, toPage } from '../page.js'
import { type Period, replacedBy, requireOrder } from '../prices/override-period.js'

/** The overrides in force at an instant, by model. */
export async function overridesInForce(
  db: Knex,
  models: readonly string[],
  at: string | Knex.Raw,
): Promise<Map<string, PriceOverride>> {
  const overrides = await PriceModel.query(db)
    .whereIn('model', models)
    .where('effectiveFrom', '<=', at)
    .where((end) => end.whereNull('effectiveTo').orWhere('effectiveTo', '>', at))
  return new Map(overrides.map((override) => [override.model, override]))
}

/** Overrides, newest first. */
export async function listPrices(db: Knex, page: ListPricesInput): Promise<Page<PriceOverride>> {
  const query = PriceModel.query(db).where('id', '<', idsBelow(page))
  if (page.model !== undefined) query.where({ model: page.model })
  const rows = await query.orderBy('id', 'desc').limit(page.limit + 1)
  return toPage(rows, page, ({ id }) => id)
}

/**
 * Sets our own price of a model for a time. One without an end takes over from the one without an end before it. What
 * was in force stays as it was, and records keep what they were written with.
 * @throws DomainError `invalid_input` for an end that is not after the start; `conflict` when it overlaps another.
 */
export async function setPrice(db: Knex, input: SetPriceInput, requester: Requester): Promise<PriceOverride> {
  const { model, inputPrice, outputPrice, cachedPrice = inputPrice, effectiveTo = null } = input
  return db.transaction(async (trx) => {
    await dialectOf(trx).lockTable(trx, 'prices')
    const now = await momentAfterAll(trx, model)
    const effectiveFrom = input.effectiveFrom ?? now
    requireOrder({ effectiveFrom, effectiveTo })
    const replaced = await makeRoom(trx, { model, effectiveFrom, effectiveTo }, now)
    const override = await PriceModel.query(trx)
      .insert({ model, inputPrice, outputPrice, cachedPrice, effectiveFrom, effectiveTo })
      .returning('*')
    await trx('audit_log').insert({
      actor: requester.actor,
      action: 'prices.set',
      subject: `model:${model}`,
      before: replaced && JSON.stringify(replaced),
      after: JSON.stringify(override),
      requestId: requester.requestId,
    })
    return override
  })
}

/** The database's clock, once it is past every start so far: two prices set at once must not begin at one instant. */
async function momentAfterAll(trx: Knex.Transaction, model: string): Promise<string> {
  for (;;) {
    const now = await readClock(trx)
    const taken = await PriceModel.query(trx).findOne({ model, effectiveFrom: now })
    if (!taken) return now
  }
}

/** The database's clock, ISO-8601 UTC. */
export async function readClock(db: Knex): Promise<string> {
  const row: { now: string } = await db.select(db.raw(`${dialectOf(db).clock} AS now`)).first()
  return row.now
}

/** Ends the override that a new one takes over from, if there is one, and answers it as it was. @throws as `replacedBy`. */
async function makeRoom(
  trx: Knex.Transaction,
  { model, ...period }: Period & { model: string },
  now: string,
): Promise<PriceOverride | null> {
  const { effectiveFrom, effectiveTo } = period
  const query = PriceModel.query(trx)
    .where({ model })
    .where((end) => end.whereNull('effectiveTo').orWhere('effectiveTo', '>', effectiveFrom))
  if (effectiveTo !== null) query.where('effectiveFrom', '<', effectiveTo)
  const replaced = replacedBy(period, await query.orderBy('effectiveFrom'), now)
  if (replaced) await PriceModel.query(trx).patch({ effectiveTo: effectiveFrom }).where({ id: replaced.id })
  return replaced
}
