import { setTimeout as sleep } from 'node:timers/promises'
import type { ListPricesInput, Page, PriceOverride, SetPriceInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Requester, writeAudit } from '../audit/audit-log.js'
import { contentHash, sameContent } from '../content-hash.js'
import { dialectOf, readClock } from '../dialect/dialect.js'
import { PriceModel } from '../models/models.js'
import { page } from '../page.js'
import { firstFreeInstant, type Period, priceContent, replacedBy, requireOrder } from '../prices/override-period.js'

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
  return new Map(overrides.map((override) => [override.model, override.toEntity()]))
}

/** Overrides, newest first. */
export async function listPrices(db: Knex, input: ListPricesInput): Promise<Page<PriceOverride>> {
  const query = PriceModel.query(db)
  if (input.model !== undefined) query.where({ model: input.model })
  return page(query, input)
}

/** The most that an answer waits for its price to begin, under a clock that stands still. */
const LONGEST_WAIT_MILLISECONDS = 20

/**
 * Sets our own price of a model for a time. One without an end takes over from the one without an end before it. What
 * was in force stays as it was, and records keep what they were written with. One that begins now is in force when this
 * answers. With an idempotency key, the same call again answers as the first time.
 * @throws DomainError `invalid_input` for an end that is not after the start; `conflict` when it overlaps another;
 *   `idempotency_mismatch` when the key was used with other content.
 */
export async function setPrice(db: Knex, input: SetPriceInput, requester: Requester): Promise<PriceOverride> {
  const override = await db.transaction(async (trx) => {
    await dialectOf(trx).lockTable(trx, 'prices')
    return (await firstAnswer(trx, input)) ?? (await insertPrice(trx, input, requester))
  })
  const wait = Date.parse(override.effectiveFrom) - Date.parse(override.createdAt)
  if (input.effectiveFrom === undefined && wait > 0) await sleep(Math.min(wait, LONGEST_WAIT_MILLISECONDS))
  return override
}

/** What the first call with this key was answered, if there was one. @throws DomainError `idempotency_mismatch`. */
async function firstAnswer(trx: Knex.Transaction, input: SetPriceInput): Promise<PriceOverride | undefined> {
  const { idempotencyKey, effectiveTo = null } = input
  if (idempotencyKey === undefined) return undefined
  const first = sameContent(await PriceModel.query(trx).findOne({ idempotencyKey }), contentHash(priceContent(input)))
  // Its end may have been set since, by the one that took over.
  return first && { ...first.toEntity(), effectiveTo }
}

async function insertPrice(trx: Knex.Transaction, input: SetPriceInput, requester: Requester): Promise<PriceOverride> {
  const { model, inputPrice, outputPrice, cachedPrice = inputPrice, effectiveTo = null, idempotencyKey = null } = input
  const now = await readClock(trx)
  const effectiveFrom = input.effectiveFrom ?? firstFreeInstant(await startsFrom(trx, model, now), now)
  requireOrder({ effectiveFrom, effectiveTo })
  const replaced = await makeRoom(trx, { model, effectiveFrom, effectiveTo }, now)
  const price = { model, inputPrice, outputPrice, cachedPrice, effectiveFrom, effectiveTo }
  const requestHash = contentHash(priceContent(input))
  const row = await PriceModel.query(trx)
    .insert({ ...price, idempotencyKey, requestHash })
    .returning('*')
  const override = row.toEntity()
  const entry = { action: 'prices.set', subject: `model:${model}`, before: replaced, after: override, ...requester }
  await writeAudit(trx, entry)
  return override
}

/** When the overrides of a model begin that do so from an instant on. */
async function startsFrom(trx: Knex.Transaction, model: string, instant: string): Promise<string[]> {
  const overrides = await PriceModel.query(trx).where({ model }).where('effectiveFrom', '>=', instant)
  return overrides.map(({ effectiveFrom }) => effectiveFrom)
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
  return replaced?.toEntity() ?? null
}
