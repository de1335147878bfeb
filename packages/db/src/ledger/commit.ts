import type {
  DomainError,
  RecordedCost,
  RecordManyResult,
  ReservationAndBudget,
  SettledReservation,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { toHeld, toRecord, toRecordedCost, toSettled } from './answer.js'
import type { Books } from './core/books.js'
import { decide, type Outcome } from './core/decide.js'
import { loadBooks } from './load.js'
import { type AskedOperation, findOverrides, priceOperations } from './price.js'
import { type IdOf, writeDecision } from './write.js'

/** What an operation answers; null when there is nothing to say. */
export type Result = RecordedCost | SettledReservation | ReservationAndBudget | DomainError | null

/** An outcome that is committed, with what its answer is made of. */
export type Committed = { readonly outcome: Outcome; readonly books: Books; readonly idOf: IdOf }

/** Decides and writes a group of operations in one transaction; one outcome an operation, in order. */
export function commitGroup(db: Knex, asked: AskedOperation[]): Promise<Committed[]> {
  return dialectOf(db).readThenWrite(db, async (trx) => {
    // In this order: the accounts are locked before anything else is read.
    const [books, overrides] = await Promise.all([loadBooks(trx, asked), findOverrides(trx, asked)])
    const decision = decide(books, priceOperations(asked, books.now, overrides))
    const idOf = await writeDecision(trx, decision)
    return decision.outcomes.map((outcome) => ({ outcome, books, idOf }))
  })
}

/** The projects that these outcomes have cost records of. */
export function chargedProjects(committed: readonly Committed[]): Set<number> {
  return new Set(committed.flatMap(({ outcome }) => ('charge' in outcome ? [outcome.charge.projectId] : [])))
}

/** The answer of an operation. */
export function resultOf({ outcome, books, idOf }: Committed): Result {
  switch (outcome.kind) {
    case 'refused':
      return outcome.error
    case 'charged':
      return toRecordedCost(outcome.charge, idOf)
    case 'settled':
      return toSettled(outcome.hold, outcome.charge, idOf)
    case 'held':
      return toHeld(outcome.hold, outcome.standing, books.settlements.get(outcome.hold.id ?? 0), idOf)
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
