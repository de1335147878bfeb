import {
  type AdjustCostInput,
  DomainError,
  type ExtendReservationInput,
  type RecordCostInput,
  type RecordedCost,
  type RecordManyResult,
  type RecordUsageInput,
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
import { decideAndWrite } from './commit.js'
import { type Committed, chargedProjects, type Result, recordResultOf, resultOf } from './core/answer.js'
import type { PendingOperation } from './core/pricing.js'
import { groupCommit, type Turn } from './group-commit.js'
import { adjustOperation, recordOperation, reserveOperation, settleOperation, usageOperation } from './operations.js'

/**
 * The only code that moves money. It answers after the commit, so what it answers survives any crash. All of it throws
 * DomainError `not_found`, `invalid_input` and `unavailable`; what else is said at each. What has not begun at the
 * deadline of its `turn` is not done.
 */
export type Ledger = {
  /**
   * Writes the cost of one call, also past the budget or after the project ended: the money is gone already.
   * @throws DomainError `unknown_model`, `idempotency_mismatch`.
   */
  record(scope: Scope, input: RecordCostInput, turn?: Turn): Promise<RecordedCost>
  /** Writes many costs, each for itself: one that is refused leaves the others alone. Results in the order of the input. */
  recordMany(scope: Scope, inputs: readonly RecordCostInput[], turn?: Turn): Promise<RecordManyResult[]>
  /**
   * Writes the cost that a provider's response body tells of.
   * @throws DomainError `invalid_input` when it is no such body; otherwise as `record`.
   */
  recordUsage(scope: Scope, input: RecordUsageInput, turn?: Turn): Promise<RecordedCost>
  /**
   * Holds an amount if it fits in the budget of the project and the spending limit of its user.
   * @throws DomainError `budget_exceeded`, `conflict`, `unknown_model`, `idempotency_mismatch`.
   */
  reserve(scope: Scope, input: ReserveInput, turn?: Turn): Promise<ReservationAndBudget>
  /**
   * Writes what a held call cost and frees the hold; also when that had expired or was released.
   * @throws DomainError `reservation_closed`, `unknown_model`.
   */
  settle(scope: Scope, input: SettleInput, turn?: Turn): Promise<SettledReservation>
  /** Frees a hold. @throws DomainError `reservation_closed` when it was settled. */
  release(scope: Scope, reservationId: number, turn?: Turn): Promise<ReservationAndBudget>
  /** Moves the expiry of a hold. @throws DomainError `reservation_closed`. */
  extend(scope: Scope, input: ExtendReservationInput, turn?: Turn): Promise<ReservationAndBudget>
  /** Brings the total of a project to a figure by a correcting entry. @throws DomainError `idempotency_mismatch`. */
  adjust(scope: Scope, input: AdjustCostInput, requester: Requester, turn?: Turn): Promise<RecordedCost>
  /** Expires holds that are due, some at a time; answers how many it took on. Safe with many servers. */
  expireDue(): Promise<number>
  /** Resolves when everything submitted so far is answered. */
  drained(): Promise<void>
}

/** Bounds a transaction's size and so the wait of the calls behind it. */
const MAX_GROUP_OPERATIONS = 250

/** Bounds the memory that calls take while the database is slow to answer. */
const MAX_WAITING_OPERATIONS = 50_000
const MAX_WAITING_CALLS_PER_USER = 25_000

/**
 * The ledger of a database. One a process: its calls share their commits. `onCharged` hears of the projects that cost
 * records were committed for, before the calls are answered; it must be quick and must not throw.
 */
export function createLedger(db: Knex, onCharged?: (projectIds: ReadonlySet<number>) => void): Ledger {
  async function commit(operations: PendingOperation[]): Promise<Committed[]> {
    const committed = await decideAndWrite(db, operations)
    onCharged?.(chargedProjects(committed))
    return committed
  }
  const { submit, drained } = groupCommit(commit, {
    maxOperations: MAX_GROUP_OPERATIONS,
    maxWaiting: MAX_WAITING_OPERATIONS,
    maxWaitingPerUser: MAX_WAITING_CALLS_PER_USER,
    isWorthRetrying: (error) => isRefusedRow(db, error),
  })
  // The result of an operation has the type of its kind: `resultOf` answers each in the form of its outcome.
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
    recordUsage: async (scope, input, turn) => one<RecordedCost>(usageOperation(scope, input), turn),
    reserve: (scope, input, turn) => one<ReservationAndBudget>(reserveOperation(scope, input), turn),
    settle: (scope, input, turn) => one<SettledReservation>(settleOperation(scope, input), turn),
    release: (scope, reservationId, turn) => one<ReservationAndBudget>({ kind: 'release', scope, reservationId }, turn),
    extend: (scope, input, turn) => one<ReservationAndBudget>({ kind: 'extend', scope, ...input }, turn),
    adjust: (scope, input, requester, turn) => one<RecordedCost>(adjustOperation(scope, input, requester), turn),
    async expireDue() {
      const reservationIds = await listDueHoldIds(db, EVERYTHING, MAX_GROUP_OPERATIONS)
      if (reservationIds.length > 0) {
        await submit(reservationIds.map((reservationId) => ({ kind: 'expire', reservationId })))
      }
      return reservationIds.length
    },
    drained,
  }
}
