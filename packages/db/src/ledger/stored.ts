import { parseUsd } from '@mgx/contract'
import { CostRecordModel } from '../models/cost-record.js'
import { ReservationModel } from '../models/reservation.js'
import type { Charge, Hold, Standing } from './core/books.js'

/** A row of `cost_records`, as Knex answers it, in the core's form. */
export function storedCharge(row: object): Charge {
  const record = CostRecordModel.fromDatabaseJson(row)
  const { id, userId, projectId, reservationId, createdAt, idempotencyKey, requestHash } = record
  const { model, promptTokens, completionTokens, cachedPromptTokens, actionType } = record
  return {
    id,
    userId,
    projectId,
    reservationId,
    createdAt,
    idempotencyKey,
    requestHash,
    usage: { model, promptTokens, completionTokens, cachedPromptTokens, actionType },
    price: { amount: parseUsd(record.totalCost), source: record.priceSource },
    standing: storedStanding(record),
  }
}

/** A row of `reservations`, as Knex answers it, in the core's form. */
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
