import { setTimeout as sleep } from 'node:timers/promises'
import { formatUsd, type ListPricesInput, type Page, type PriceOverride, type SetPriceInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Requester, writeAudit } from '../audit/audit-log.js'
import { contentHash, sameContent } from '../content-hash.js'
import { dialectOf, readClock } from '../dialect/dialect.js'
import { PriceModel } from '../models/models.js'
import { page } from '../page.js'
import { requireFreeNames } from '../prices/override-names.js'
import { firstFreeInstant, type Period, priceContent, replacedBy, requireOrder } from '../prices/override-period.js'
import { type OverrideRule, overrideRule, type StoredOverride, storedRates } from '../prices/override-rule.js'
import { rateCard, tierFor } from '../prices/rate-card.js'
import { indexOverrides, resolveModel } from '../prices/resolve-model.js'
import { forgetPricedModels } from './unknown-models.js'

/** Returns the version of the prices, which every change of them raises. A rolled-back change does not. */
export async function readPricesVersion(trx: Knex.Transaction): Promise<number> {
  const sql = 'SELECT version FROM price_versions'
  const [row] = await dialectOf(trx).query<{ version: number }>(trx, { sql, bindings: [] })
  if (!row) throw new Error('the prices have no version')
  return Number(row.version)
}

/** Returns the overrides in force at an instant or later, oldest first. */
export async function listOverrides(db: Knex, from: string | Knex.Raw): Promise<OverrideRule[]> {
  const overrides = await PriceModel.query(db)
    .where((end) => end.whereNull('effectiveTo').orWhere('effectiveTo', '>', from))
    .orderBy('id')
  return overrides.map(overrideRule)
}

/** Returns a page of overrides, newest first. */
export async function listPrices(db: Knex, input: ListPricesInput): Promise<Page<PriceOverride>> {
  const query = PriceModel.query(db)
  if (input.model !== undefined) query.where({ model: input.model })
  const { items, nextCursor } = await page(query, input)
  return { items: items.map(shownOverride), nextCursor }
}

/** Returns these overrides by id. */
export async function listPricesById(db: Knex, ids: ReadonlySet<number>): Promise<Map<number, PriceOverride>> {
  const overrides = ids.size === 0 ? [] : await PriceModel.query(db).whereIn('id', [...ids])
  return new Map(overrides.map((row) => [row.id, shownOverride(row.toEntity())]))
}

/** Bounds the wait for a price to start, in case the clock stands still. */
const LONGEST_WAIT_MILLISECONDS = 20

/**
 * Sets our own price of a model for a period. A price without an end replaces the one without an end before it. Past
 * periods do not change, and cost records keep the price they were written with. A price that starts now is in force
 * when the promise resolves. With an idempotency key, a repeated call returns the first result.
 * @throws DomainError `invalid_input` for an end that is not after the start; `conflict` when the period overlaps
 *   another, or a name belongs to another model in that period; `idempotency_mismatch` when the key was used with
 *   different content.
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

/** Returns the result of the first call with this key, if there was one. @throws DomainError `idempotency_mismatch`. */
async function firstAnswer(trx: Knex.Transaction, input: SetPriceInput): Promise<PriceOverride | undefined> {
  const { idempotencyKey, effectiveTo = null } = input
  if (idempotencyKey === undefined) return undefined
  const first = sameContent(await PriceModel.query(trx).findOne({ idempotencyKey }), contentHash(priceContent(input)))
  // A later price may have set its end since.
  return first && { ...shownOverride(first.toEntity()), effectiveTo }
}

async function insertPrice(trx: Knex.Transaction, input: SetPriceInput, requester: Requester): Promise<PriceOverride> {
  const { model, aliases = [], pattern = null, tiers = [], serviceTiers = {} } = input
  const { effectiveTo = null, idempotencyKey = null } = input
  const now = await readClock(trx)
  const effectiveFrom = input.effectiveFrom ?? firstFreeInstant(await startsFrom(trx, model, now), now)
  requireOrder({ effectiveFrom, effectiveTo })
  const period = { effectiveFrom, effectiveTo }
  const names = { model, aliases, pattern }
  requireFreeNames(names, await overlapping(trx, period).whereNot({ model }))
  const replaced = await makeRoom(trx, { model, ...period }, now)
  const price = { ...names, ...storedRates(input), tiers, serviceTiers, ...period }
  const requestHash = contentHash(priceContent(input))
  const row = await PriceModel.query(trx)
    .insert({ ...price, idempotencyKey, requestHash })
    .returning('*')
  const override = shownOverride(row.toEntity())
  const subject = `model:${model}`
  const entry = { ...requester, userId: null, action: 'prices.set', subject, before: replaced, after: override }
  await writeAudit(trx, entry)
  const at = input.effectiveFrom === undefined ? effectiveFrom : now
  await forgetPricedModels(trx, overrideRule(row.toEntity()), at)
  return override
}

/** Returns when the overrides of a model start, of those that start at or after an instant. */
async function startsFrom(trx: Knex.Transaction, model: string, instant: string): Promise<string[]> {
  const overrides = await PriceModel.query(trx).where({ model }).where('effectiveFrom', '>=', instant)
  return overrides.map(({ effectiveFrom }) => effectiveFrom)
}

/** Ends the override that a new one replaces, if any, and returns it as it was before. @throws as `replacedBy`. */
async function makeRoom(
  trx: Knex.Transaction,
  { model, ...period }: Period & { model: string },
  now: string,
): Promise<PriceOverride | null> {
  const overlaps = await overlapping(trx, period).where({ model }).orderBy('effectiveFrom')
  const replaced = replacedBy(period, overlaps, now)
  if (replaced) await PriceModel.query(trx).patch({ effectiveTo: period.effectiveFrom }).where({ id: replaced.id })
  return replaced ? shownOverride(replaced.toEntity()) : null
}

/** Selects the overrides whose periods overlap a period. */
function overlapping(trx: Knex.Transaction, { effectiveFrom, effectiveTo }: Period) {
  const query = PriceModel.query(trx).where((end) =>
    end.whereNull('effectiveTo').orWhere('effectiveTo', '>', effectiveFrom),
  )
  return effectiveTo === null ? query : query.where('effectiveFrom', '<', effectiveTo)
}

/** Returns an override as callers see it: with the cached price that its own model is charged. */
function shownOverride(stored: StoredOverride): PriceOverride {
  if (stored.cachedPrice !== null) return { ...stored, cachedPrice: stored.cachedPrice }
  const index = indexOverrides([{ ...overrideRule(stored), effectiveTo: null }])
  const match = resolveModel(stored.model, stored.effectiveFrom, undefined, index)
  const cached = match && tierFor(rateCard(match), 0).rates.cachedInput
  return { ...stored, cachedPrice: cached == null ? stored.inputPrice : formatUsd(cached) }
}
