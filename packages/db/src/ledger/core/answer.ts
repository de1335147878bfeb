import {
  type Budget,
  type CostRecord,
  type DomainError,
  formatUsd,
  type RecordedCost,
  type RecordManyResult,
  type Reservation,
  type ReservationAndBudget,
  type SettledReservation,
} from '@mgx/contract'
import { toBreakdown } from '../../breakdown.js'
import type { Charge, Hold, Standing } from './books.js'
import type { Outcome } from './decide.js'

/** Returns the id of a decision's row, whether it already existed or has just been written. */
export type IdOf = (row: Charge | Hold) => number

/** The ids of the adjustments that corrected records; null for a record that needed none. */
export type AdjustmentIds = readonly (number | null)[]

/** The result of an operation; null for one that returns nothing. */
export type Result = RecordedCost | SettledReservation | ReservationAndBudget | AdjustmentIds | DomainError | null

/** A committed outcome, with the ids needed to build its result. */
export type Committed = { readonly outcome: Outcome; readonly idOf: IdOf }

/** Returns the result of an operation. */
export function resultOf({ outcome, idOf }: Committed): Result {
  switch (outcome.kind) {
    case 'refused':
      return outcome.error
    case 'charged':
      return toRecordedCost(outcome.charge, idOf)
    case 'settled':
      return toSettled(outcome.hold, outcome.charge, idOf)
    case 'held':
      return toHeld(outcome.hold, outcome.standing, idOf)
    case 'corrected':
      return outcome.adjustments.map((adjustment) => adjustment && idOf(adjustment))
    case 'expired':
      return null
  }
}

/** Returns the result of one record of `recordMany`. */
export function recordResultOf({ outcome, idOf }: Committed): RecordManyResult {
  if (outcome.kind === 'charged') return { ok: true, record: toRecord(outcome.charge, idOf) }
  if (outcome.kind !== 'refused') throw new Error(`the outcome of a record is ${outcome.kind}`)
  const { reason, message } = outcome.error
  return { ok: false, error: { reason, message } }
}

/** Returns a project's budget as callers see it. */
export function toBudget(projectId: number, { limit, spent, reserved }: Standing): Budget {
  const left = limit - spent - reserved
  return {
    projectId,
    limit: formatUsd(limit),
    spent: formatUsd(spent),
    reserved: formatUsd(reserved),
    remaining: formatUsd(left > 0n ? left : 0n),
    exceeded: spent > limit,
  }
}

function toRecordedCost(charge: Charge, idOf: IdOf): RecordedCost {
  return { record: toRecord(charge, idOf), budget: standingBudget(charge) }
}

function toSettled(hold: Hold, charge: Charge, idOf: IdOf): SettledReservation {
  return {
    reservation: toReservation(hold, idOf(hold), idOf(charge)),
    overrun: charge.price.amount > hold.amount,
    late: hold.status !== 'settled',
    ...toRecordedCost(charge, idOf),
  }
}

function toHeld(hold: Hold, standing: Standing, idOf: IdOf): ReservationAndBudget {
  return {
    reservation: toReservation(hold, idOf(hold), hold.costRecordId),
    budget: toBudget(hold.projectId, standing),
  }
}

function toRecord(charge: Charge, idOf: IdOf): CostRecord {
  const { projectId, usage, price, reservationId, correctsRecordId, createdAt } = charge
  const { amount, source, canonicalModel, priceId, calculation, unpriced } = price
  return {
    id: idOf(charge),
    projectId,
    ...usage,
    canonicalModel,
    totalCost: formatUsd(amount),
    priceSource: source,
    priceId,
    breakdown: calculation && toBreakdown(calculation),
    unpriced: [...unpriced],
    reservationId,
    correctsRecordId,
    createdAt,
  }
}

function toReservation(hold: Hold, id: number, costRecordId: number | null): Reservation {
  const { projectId, amount, status, expiresAt, resolvedAt, createdAt } = hold
  return { id, projectId, amount: formatUsd(amount), status, expiresAt, resolvedAt, costRecordId, createdAt }
}

function standingBudget({ projectId, standing }: Charge): Budget {
  if (!standing) throw new Error(`a cost of project ${projectId} has no budget to return`)
  return toBudget(projectId, standing)
}
