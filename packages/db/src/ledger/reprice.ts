import {
  DomainError,
  formatUsd,
  type NanoUsd,
  type RepricedRecord,
  type RepriceInput,
  type RepriceOutput,
} from '@mgx/contract'
import type { Knex } from 'knex'
import type { Requester } from '../audit/audit-log.js'
import type { Part } from '../breakdown.js'
import { dialectOf, readSum } from '../dialect/dialect.js'
import { firstRows, toPage } from '../page.js'
import type { Price } from '../prices/price.js'
import { priceCall } from '../prices/price-call.js'
import { type PriceRules, priceRules } from '../prices/price-rules.js'
import { narrow, type Scope } from '../scope.js'
import { listOverrides } from '../stores/prices.js'
import type { AdjustmentIds } from './core/answer.js'
import type { Charge } from './core/books.js'
import type { Correction, CorrectOperation } from './core/operation.js'
import { storedCharge } from './rows.js'

/** Bounds the records that one page compares, and so how long a call takes. */
const MOST_COMPARED = 1_000

type StoredCharge = Charge & { readonly id: number }

/** A record with its cost after earlier corrections, and its cost by the price that was in force. */
type Repriced = { readonly charge: StoredCharge; readonly recorded: NanoUsd; readonly price: Price }

/** Writes the adjustments and returns their ids, in order. */
type Correct = (operation: CorrectOperation) => Promise<AdjustmentIds>

/**
 * Compares records whose cost was computed here with the prices that were in force when they were written. Unless it is
 * a dry run, `correct` writes an adjustment for each record of the page that differs; repeated, no more records differ.
 * Records from before breakdowns were kept are left out, because what they were charged for is not known.
 * @throws what `correct` throws.
 */
export async function repriceRecords(
  db: Knex,
  scope: Scope,
  { dryRun, limit, ...input }: RepriceInput,
  { requester, correct }: { requester: Requester; correct: Correct },
): Promise<RepriceOutput> {
  const rows: Row[] = await firstRows(candidates(db, scope, input), { cursor: input.cursor, limit: MOST_COMPARED })
  const charges = rows.slice(0, MOST_COMPARED).map((row) => storedCharge(row) as StoredCharge)
  const corrections = await correctionsOf(db, charges)
  const rules = priceRules(await listOverrides(db, input.from))
  const changed: Repriced[] = []
  let compared = 0
  for (const charge of charges) {
    if (changed.length === limit) break
    compared += 1
    const recorded = charge.price.amount + (corrections.get(charge.id) ?? 0n)
    const price = priceOf(charge, rules)
    if (!(price instanceof DomainError) && price.amount !== recorded) changed.push({ charge, recorded, price })
  }
  const isWritten = !dryRun && changed.length > 0
  const ids = isWritten
    ? await correct({ kind: 'correct', scope, corrections: changed.map(correctionOf), requester })
    : []
  const shown = changed.map((each, index) => ({ ...each, adjustmentId: ids[index] ?? null }))
  // Another call may have corrected some of the records since they were read.
  const own = isWritten ? shown.filter(({ adjustmentId }) => adjustmentId !== null) : shown
  return {
    items: own.map(toRepricedRecord),
    difference: formatUsd(own.reduce((sum, { price, recorded }) => sum + price.amount - recorded, 0n)),
    nextCursor: toPage(rows, { limit: compared }, ({ id }) => id).nextCursor,
  }
}

type Row = { id: number }

function candidates(db: Knex, scope: Scope, { from, to, model, projectId }: Omit<RepriceInput, 'dryRun' | 'limit'>) {
  const query = db('cost_records')
    .select()
    .whereIn('priceSource', ['catalogue', 'override'])
    .whereNotNull('breakdown')
    .where('createdAt', '>=', from)
  if (to !== undefined) query.where('createdAt', '<', to)
  if (projectId !== undefined) query.where({ projectId })
  if (model !== undefined) query.where((named) => named.where({ model }).orWhere({ canonicalModel: model }))
  return narrow(query, scope, { userId: 'userId', projectId: 'projectId' })
}

/** Returns the sums of the adjustments that correct these records. */
async function correctionsOf(db: Knex, charges: readonly StoredCharge[]): Promise<Map<number, NanoUsd>> {
  const ids = charges.map(({ id }) => id)
  const rows: { correctsRecordId: number; sum: string }[] = await db('cost_records')
    .whereIn('correctsRecordId', ids)
    .groupBy('correctsRecordId')
    .select('correctsRecordId', db.raw(`${dialectOf(db).exactSum('total_cost')} AS sum`))
  return new Map(rows.map(({ correctsRecordId, sum }) => [correctsRecordId, readSum(sum)]))
}

/** Prices the parts of a record's call at its instant, those without a rate at the time too. */
function priceOf({ usage, price, createdAt }: StoredCharge, rules: PriceRules): Price | DomainError {
  if (!price.calculation) throw new Error('a record without a breakdown cannot be priced again')
  const { provider, serviceTier, charged, unrated } = price.calculation
  const units = new Map<Part, number>([...charged, ...unrated].map(({ part, units }) => [part, units]))
  units.set('request', 1)
  return priceCall({ usage, units, provider: provider ?? undefined, serviceTier }, createdAt, rules)
}

/** The adjustment counts for the canonical model of its record, whatever rule prices that now. */
function correctionOf({ charge, price }: Repriced): Correction {
  const { id: recordId, projectId, usage } = charge
  return { projectId, recordId, usage, canonicalModel: charge.price.canonicalModel, cost: price.amount }
}

function toRepricedRecord({
  charge,
  recorded,
  price,
  adjustmentId,
}: Repriced & { adjustmentId: number | null }): RepricedRecord {
  const { id: recordId, projectId, usage, createdAt } = charge
  return {
    recordId,
    projectId,
    model: usage.model,
    createdAt,
    recordedCost: formatUsd(recorded),
    repricedCost: formatUsd(price.amount),
    difference: formatUsd(price.amount - recorded),
    adjustmentId,
  }
}
