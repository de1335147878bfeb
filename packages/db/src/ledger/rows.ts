import { parseUsd } from '@mgx/contract'
import { readCalculation, writeCalculation } from '../breakdown.js'
import type { Columns } from '../dialect/columns.js'
import type { Cell } from '../dialect/dialect.js'
import { writeWords } from '../models/model-of.js'
import { CostRecordModel, ReservationModel } from '../models/models.js'
import type { Answerable, Charge, Hold, Standing } from './core/books.js'

export const chargeColumns: Columns<Charge> = {
  user_id: ['integer', ({ userId }) => userId],
  project_id: ['integer', ({ projectId }) => projectId],
  model: ['text', ({ usage }) => usage.model],
  canonical_model: ['text', ({ price }) => price.canonicalModel],
  prompt_tokens: ['integer', ({ usage }) => usage.promptTokens],
  completion_tokens: ['integer', ({ usage }) => usage.completionTokens],
  cached_prompt_tokens: ['integer', ({ usage }) => usage.cachedPromptTokens],
  total_cost: ['integer', ({ price }) => Number(price.amount)],
  action_type: ['text', ({ usage }) => usage.actionType],
  usage_source: ['text', ({ usage }) => usage.usageSource],
  price_source: ['text', ({ price }) => price.source],
  price_id: ['integer', ({ price }) => price.priceId],
  breakdown: ['text', ({ price }) => price.calculation && writeCalculation(price.calculation)],
  unpriced: ['text', ({ price }) => writeWords(price.unpriced)],
  reservation_id: ['integer', ({ reservationId }) => reservationId],
  corrects_record_id: ['integer', ({ correctsRecordId }) => correctsRecordId],
  created_at: ['instant', ({ createdAt }) => createdAt],
  ...answerColumns<Charge>((charge) => charge.idempotencyKey !== null || charge.reservationId !== null),
}

export const holdColumns: Columns<Hold> = {
  user_id: ['integer', ({ userId }) => userId],
  project_id: ['integer', ({ projectId }) => projectId],
  amount: ['integer', ({ amount }) => Number(amount)],
  status: ['text', ({ status }) => status],
  expires_at: ['instant', ({ expiresAt }) => expiresAt],
  created_at: ['instant', ({ createdAt }) => createdAt],
  ...answerColumns<Hold>((hold) => hold.idempotencyKey !== null),
}

/** The columns that let a repeated call return the first result; empty in rows that no call can repeat. */
function answerColumns<Row extends Answerable>(isKept: (row: Row) => boolean): Columns<Row> {
  const kept = (cell: (row: Row) => Cell) => (row: Row) => (isKept(row) ? cell(row) : null)
  const amount = (name: keyof Standing) => kept(({ standing }) => (standing === null ? null : Number(standing[name])))
  return {
    idempotency_key: ['text', ({ idempotencyKey }) => idempotencyKey],
    request_hash: ['text', kept(({ requestHash }) => requestHash)],
    budget_limit: ['integer', amount('limit')],
    budget_spent: ['integer', amount('spent')],
    budget_reserved: ['integer', amount('reserved')],
  }
}

/** Converts a row of `cost_records`, as Knex returns it, to the core's form. */
export function storedCharge(row: object): Charge {
  const record = CostRecordModel.fromDatabaseJson(row)
  const { id, userId, projectId, reservationId, correctsRecordId, createdAt, idempotencyKey, requestHash } = record
  const { model, promptTokens, completionTokens, cachedPromptTokens, actionType, usageSource } = record
  const { totalCost, priceSource: source, canonicalModel, priceId, unpriced } = record
  const { breakdown } = row as { breakdown: string | null }
  const calculation = breakdown === null ? null : readCalculation(breakdown)
  return {
    id,
    userId,
    projectId,
    reservationId,
    correctsRecordId,
    createdAt,
    idempotencyKey,
    requestHash,
    usage: { model, promptTokens, completionTokens, cachedPromptTokens, actionType, usageSource },
    price: { amount: parseUsd(totalCost), source, canonicalModel, priceId, calculation, unpriced },
    standing: storedStanding(record),
  }
}

/** Converts a row of `reservations`, as Knex returns it, to the core's form. */
export function storedHold(row: object): Hold {
  const reservation = ReservationModel.fromDatabaseJson(row)
  const { id, userId, projectId, status, expiresAt, resolvedAt, costRecordId, createdAt } = reservation
  const { idempotencyKey, requestHash } = reservation
  return {
    id,
    userId,
    projectId,
    status,
    expiresAt,
    resolvedAt,
    costRecordId,
    createdAt,
    idempotencyKey,
    requestHash,
    amount: parseUsd(reservation.amount),
    standing: storedStanding(reservation),
  }
}

type Snapshot = { budgetLimit: string | null; budgetSpent: string | null; budgetReserved: string | null }

function storedStanding({ budgetLimit, budgetSpent, budgetReserved }: Snapshot): Standing | null {
  if (budgetLimit === null || budgetSpent === null || budgetReserved === null) return null
  return { limit: parseUsd(budgetLimit), spent: parseUsd(budgetSpent), reserved: parseUsd(budgetReserved) }
}
