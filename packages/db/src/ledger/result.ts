import type {
  DomainError,
  RecordedCost,
  RecordManyResult,
  ReservationAndBudget,
  SettledReservation,
} from '@mgx/contract'
import { type IdOf, toHeld, toRecord, toRecordedCost, toSettled } from './core/answer.js'
import type { Outcome } from './core/decide.js'

/** What an operation answers; null when there is nothing to say. */
export type Result = RecordedCost | SettledReservation | ReservationAndBudget | DomainError | null

/** An outcome that is committed, with what its answer is made of. */
export type Committed = { readonly outcome: Outcome; readonly idOf: IdOf }

/** The projects that these outcomes have cost records of. */
export function chargedProjects(committed: readonly Committed[]): Set<number> {
  return new Set(committed.flatMap(({ outcome }) => ('charge' in outcome ? [outcome.charge.projectId] : [])))
}

/** The answer of an operation. */
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
    case 'expired':
      return null
  }
}

/** The answer of one record among many. */
export function recordResultOf({ outcome, idOf }: Committed): RecordManyResult {
  if (outcome.kind === 'charged') return { ok: true, record: toRecord(outcome.charge, idOf) }
  if (outcome.kind !== 'refused') throw new Error(`a record was answered as ${outcome.kind}`)
  const { reason, message } = outcome.error
  return { ok: false, error: { reason, message } }
}
