import type { DomainError, RecordedCost, ReservationAndBudget, SettledReservation } from '@mgx/contract'
import type { Knex } from 'knex'
import { toHeld, toRecordedCost, toSettled } from './answer.js'
import type { Books } from './core/books.js'
import { decide, type Outcome } from './core/decide.js'
import type { Operation } from './core/operation.js'
import { loadBooks } from './load.js'
import { type IdOf, writeDecision } from './write.js'

/** What an operation answers; null when there is nothing to say. */
export type Result = RecordedCost | SettledReservation | ReservationAndBudget | DomainError | null

/** Decides and writes a group of operations in one transaction; one result an operation, in order. */
export function commitGroup(db: Knex, operations: Operation[]): Promise<Result[]> {
  return db.transaction(async (trx) => {
    const books = await loadBooks(trx, operations)
    const decision = decide(books, operations)
    const idOf = await writeDecision(trx, decision)
    return decision.outcomes.map((outcome) => resultOf(outcome, books, idOf))
  })
}

function resultOf(outcome: Outcome, { settlements }: Books, idOf: IdOf): Result {
  switch (outcome.kind) {
    case 'refused':
      return outcome.error
    case 'charged':
      return toRecordedCost(outcome.charge, idOf)
    case 'settled':
      return toSettled(outcome.hold, outcome.charge, idOf)
    case 'held':
      return toHeld(outcome.hold, outcome.standing, settlements.get(outcome.hold.id ?? 0), idOf)
    case 'expired':
      return null
  }
}
