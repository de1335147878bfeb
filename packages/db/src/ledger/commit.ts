import type { DomainError, RecordedCost, ReservationAndBudget, SettledReservation } from '@mgx/contract'
import type { Knex } from 'knex'
import { toHeld, toRecordedCost, toSettled } from './answer.js'
import type { Books } from './core/books.js'
import { decide, type Outcome } from './core/decide.js'
import { loadBooks } from './load.js'
import { type AskedOperation, priceOperations } from './price.js'
import { type IdOf, writeDecision } from './write.js'

/** What an operation answers; null when there is nothing to say. */
export type Result = RecordedCost | SettledReservation | ReservationAndBudget | DomainError | null

/** Decides and writes a group of operations in one transaction; one result an operation, in order. */
export function commitGroup(db: Knex, asked: AskedOperation[]): Promise<Result[]> {
  return db.transaction(async (trx) => {
    const books = await loadBooks(trx, asked)
    const decision = decide(books, await priceOperations(trx, books.now, asked))
    const idOf = await writeDecision(trx, decision)
    return decision.outcomes.map((outcome) => resultOf(outcome, books, idOf))
  })
}

/** The projects that these results have cost records of. */
export function chargedProjects(results: readonly Result[]): Set<number> {
  return new Set(results.flatMap((result) => (result && 'record' in result ? [result.record.projectId] : [])))
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
