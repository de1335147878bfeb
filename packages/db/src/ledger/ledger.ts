import { performance } from 'node:perf_hooks'
import {
  type AdjustCostInput,
  DomainError,
  type ExtendReservationInput,
  type RecordCostInput,
  type RecordedCost,
  type RecordManyResult,
  type RecordUsageInput,
  type RepriceInput,
  type RepriceOutput,
  type ReservationAndBudget,
  type ReserveInput,
  type SettledReservation,
  type SettleInput,
} from '@mgx/contract'
import type { Knex } from 'knex'
import type { Requester } from '../audit/audit-log.js'
import { isRefusedRow } from '../errors.js'
import { EVERYTHING, type Scope } from '../scope.js'
import { listDueHoldIds } from '../stores/due-holds.js'
import { rememberRules } from '../stores/price-rules.js'
import { decideAndWrite } from './commit.js'
import { type AdjustmentIds, type Committed, type Result, recordResultOf, resultOf } from './core/answer.js'
import type { PendingOperation } from './core/pricing.js'
import { groupCommit, type Turn } from './group-commit.js'
import { groupSpans } from './group-span.js'
import type { LedgerObserver } from './observer.js'
import { adjustOperation, recordOperation, reserveOperation, settleOperation } from './operations.js'
import { repriceRecords } from './reprice.js'

/**
 * The only code that moves money. Promises resolve after the commit, so every result survives a crash. All methods
 * throw DomainError `not_found`, `invalid_input` and `unavailable`, besides what each one lists. A call that has not
 * begun by the deadline of its `turn` is not executed.
 */
export type Ledger = {
  /**
   * Writes the cost of one call, even past the budget or after the project has ended, because the money is already
   * spent.
   * @throws DomainError `unknown_model`, `idempotency_mismatch`.
   */
  record(scope: Scope, input: RecordCostInput, turn?: Turn): Promise<RecordedCost>
  /** Writes many costs independently: a refused one does not affect the others. Returns results in input order. */
  recordMany(scope: Scope, inputs: readonly RecordCostInput[], turn?: Turn): Promise<RecordManyResult[]>
  /**
   * Writes the cost of the call in a provider's response body or usage object.
   * @throws DomainError `invalid_input` when the body cannot be read; otherwise as `record`.
   */
  recordUsage(scope: Scope, input: RecordUsageInput, turn?: Turn): Promise<RecordedCost>
  /**
   * Reserves an amount if it fits in the budget of the project and the spending limit of its user.
   * @throws DomainError `budget_exceeded`, `conflict`, `unknown_model`, `idempotency_mismatch`.
   */
  reserve(scope: Scope, input: ReserveInput, turn?: Turn): Promise<ReservationAndBudget>
  /**
   * Writes the cost of a reserved call and ends its hold, even if that has expired or was released.
   * @throws DomainError `reservation_closed`, `unknown_model`.
   */
  settle(scope: Scope, input: SettleInput, turn?: Turn): Promise<SettledReservation>
  /** Releases a hold. @throws DomainError `reservation_closed` when it was settled. */
  release(scope: Scope, reservationId: number, turn?: Turn): Promise<ReservationAndBudget>
  /** Moves the expiry of an open hold. @throws DomainError `reservation_closed`. */
  extend(scope: Scope, input: ExtendReservationInput, turn?: Turn): Promise<ReservationAndBudget>
  /** Sets the total of a project by writing a correcting entry. @throws DomainError `idempotency_mismatch`. */
  adjust(scope: Scope, input: AdjustCostInput, requester: Requester, turn?: Turn): Promise<RecordedCost>
  /**
   * Compares records with the prices that were in force and corrects those that differ by adjustments. The promise
   * resolves with one page of them.
   * @throws DomainError `conflict`, and corrects none of the page, when the total of a project would fall below zero.
   */
  reprice(scope: Scope, input: RepriceInput, requester: Requester, turn?: Turn): Promise<RepriceOutput>
  /** Expires a batch of due holds and returns its size. Safe to run on many servers at once. */
  expireDue(): Promise<number>
  /** Returns how many operations wait for the next group. */
  waiting(): number
  /** Resolves when no call is waiting or in flight. */
  drained(): Promise<void>
}

/** Bounds the size of a transaction, and so how long the next calls wait. */
const MAX_GROUP_OPERATIONS = 250

/** Bounds the memory of waiting calls while the database is slow. */
const MAX_WAITING_OPERATIONS = 50_000
const MAX_WAITING_CALLS_PER_USER = 25_000

/** Creates the ledger of a database. Use one per process, because its calls share commits. */
export function createLedger(db: Knex, observer?: LedgerObserver): Ledger {
  const rules = rememberRules()
  const inSpan = groupSpans(db)
  async function commit(operations: PendingOperation[], calls: readonly Pick<Turn, 'span'>[]): Promise<Committed[]> {
    const start = performance.now()
    const { committed, changes } = await inSpan({ operations, calls }, () => decideAndWrite(db, rules, operations))
    observer?.committed({ operations: operations.length, milliseconds: performance.now() - start, ...changes })
    return committed
  }
  const { submit, waiting, drained } = groupCommit(commit, {
    maxOperations: MAX_GROUP_OPERATIONS,
    maxWaiting: MAX_WAITING_OPERATIONS,
    maxWaitingPerUser: MAX_WAITING_CALLS_PER_USER,
    isWorthRetrying: (error) => isRefusedRow(db, error),
  })
  // The cast is safe, because `resultOf` returns the type that belongs to the kind of operation.
  async function one<Answer extends Result>(operation: PendingOperation, turn: Turn | undefined): Promise<Answer> {
    const [committed] = await submit([operation], turn)
    if (committed === undefined) throw new Error('a group has fewer outcomes than it had operations')
    const result = resultOf(committed)
    if (result instanceof DomainError) throw result
    return result as Answer
  }
  return {
    record: (scope, input, turn) => one<RecordedCost>(recordOperation(scope, input), turn),
    async recordMany(scope, inputs, turn) {
      const operations = inputs.map((input) => recordOperation(scope, input))
      const committed = await submit(operations, turn)
      return committed.map(recordResultOf)
    },
    recordUsage: async (scope, input, turn) => one<RecordedCost>(recordOperation(scope, input), turn),
    reserve: (scope, input, turn) => one<ReservationAndBudget>(reserveOperation(scope, input), turn),
    settle: (scope, input, turn) => one<SettledReservation>(settleOperation(scope, input), turn),
    release: (scope, reservationId, turn) => one<ReservationAndBudget>({ kind: 'release', scope, reservationId }, turn),
    extend: (scope, input, turn) => one<ReservationAndBudget>({ kind: 'extend', scope, ...input }, turn),
    adjust: (scope, input, requester, turn) => one<RecordedCost>(adjustOperation(scope, input, requester), turn),
    reprice: (scope, input, requester, turn) =>
      repriceRecords(db, scope, input, {
        requester,
        correct: (operation) => one<AdjustmentIds>(operation, turn),
      }),
    async expireDue() {
      const reservationIds = await listDueHoldIds(db, EVERYTHING, MAX_GROUP_OPERATIONS)
      if (reservationIds.length > 0) {
        await submit(reservationIds.map((reservationId) => ({ kind: 'expire', reservationId })))
      }
      return reservationIds.length
    },
    waiting,
    drained,
  }
}
