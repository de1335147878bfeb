import {
  type Budget,
  type CostRecord,
  formatUsd,
  type RecordedCost,
  type Reservation,
  type ReservationAndBudget,
  type SettledReservation,
} from '@mgx/contract'
import type { Charge, Hold, Standing } from './books.js'

/** The id of a row of a decision, whether it was there before or has just been written. */
export type IdOf = (row: Charge | Hold) => number

/** The budget of a project as callers see it. */
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

export function toRecordedCost(charge: Charge, idOf: IdOf): RecordedCost {
  return { record: toRecord(charge, idOf), budget: standingBudget(charge) }
}

export function toSettled(hold: Hold, charge: Charge, idOf: IdOf): SettledReservation {
  return {
    reservation: toReservation(hold, idOf(hold), idOf(charge)),
    overrun: charge.price.amount > hold.amount,
    late: hold.status !== 'settled',
    ...toRecordedCost(charge, idOf),
  }
}

export function toHeld(hold: Hold, standing: Standing, idOf: IdOf): ReservationAndBudget {
  return {
    reservation: toReservation(hold, idOf(hold), hold.costRecordId),
    budget: toBudget(hold.projectId, standing),
  }
}

export function toRecord(charge: Charge, idOf: IdOf): CostRecord {
  const { projectId, usage, price, reservationId, createdAt } = charge
  return {
    id: idOf(charge),
    projectId,
    ...usage,
    totalCost: formatUsd(price.amount),
    priceSource: price.source,
    reservationId,
    createdAt,
  }
}

function toReservation(hold: Hold, id: number, costRecordId: number | null): Reservation {
  const { projectId, amount, status, expiresAt, resolvedAt, createdAt } = hold
  return { id, projectId, amount: formatUsd(amount), status, expiresAt, resolvedAt, costRecordId, createdAt }
}

function standingBudget({ projectId, standing }: Charge): Budget {
  if (!standing) throw new Error(`a cost of project ${projectId} is answered without the budget it left`)
  return toBudget(projectId, standing)
}
