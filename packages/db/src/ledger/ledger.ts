import { DomainError, formatUsd, type RecordCostInput, type RecordedCost, type RecordManyResult } from '@mgx/contract'
import type { Knex } from 'knex'
import { domainErrorOf } from '../errors.js'
import type { Scope } from '../scope.js'
import { lockAccounts } from './accounts.js'
import { findAnswers } from './answers.js'
import { toBudget } from './budget.js'
import { decide, type ProjectAccount, type RecordOperation } from './core.js'
import { groupCommit } from './group-commit.js'
import { recordOperation } from './operation.js'
import { writeDecision } from './write.js'

/** The only code that moves money. It answers after the commit, so what it answers survives any crash. */
export type Ledger = {
  /**
   * Writes the cost of one call, also past the budget or after the project ended: the money is gone already.
   * @throws DomainError `not_found`, `unknown_model`, `idempotency_mismatch`, `invalid_input`, `unavailable`.
   */
  record(scope: Scope, input: RecordCostInput): Promise<RecordedCost>
  /** Writes many costs, each for itself: one that is refused leaves the others alone. Results in the order of the input. */
  recordMany(scope: Scope, inputs: readonly RecordCostInput[]): Promise<RecordManyResult[]>
  /** Resolves when everything submitted so far is answered. */
  drained(): Promise<void>
}

/** Bounds a transaction's size and so the wait of the calls behind it. */
const MAX_GROUP_OPERATIONS = 1_000

/** The ledger of a database. One a process: its calls share their commits. */
export function createLedger(db: Knex): Ledger {
  const { submit, drained } = groupCommit((operations: RecordOperation[]) => commit(db, operations), {
    maxOperations: MAX_GROUP_OPERATIONS,
    isWorthRetrying: (error) => domainErrorOf(db, error)?.reason !== 'unavailable',
  })
  return {
    async record(scope, input) {
      const [outcome] = await submit([recordOperation(scope, input)])
      if (!outcome || outcome instanceof DomainError) throw outcome
      return outcome
    },
    async recordMany(scope, inputs) {
      const outcomes = await submit(inputs.map((input) => recordOperation(scope, input)))
      return outcomes.map((outcome) =>
        outcome instanceof DomainError
          ? { ok: false, error: { reason: outcome.reason, message: outcome.message } }
          : { ok: true, record: outcome.record },
      )
    },
    drained,
  }
}

function commit(db: Knex, operations: RecordOperation[]): Promise<(RecordedCost | DomainError)[]> {
  return db.transaction(async (trx) => {
    const accounts = await lockAccounts(trx, [...new Set(operations.map(({ projectId }) => projectId))])
    const answers = await findAnswers(trx, operations)
    const decision = decide({ ...accounts, answers }, operations)
    const records = await writeDecision(trx, decision)
    return decision.outcomes.map((outcome) => {
      if (outcome.kind === 'refused') return outcome.error
      if (outcome.kind === 'repeated') return outcome.written
      const record = records[outcome.index]
      if (!record) throw new Error('a charge was decided but not written')
      return { record, budget: budgetOf(outcome.budget) }
    })
  })
}

function budgetOf({ id, limit, spent, reserved }: ProjectAccount) {
  return toBudget({ projectId: id, limit: formatUsd(limit), spent: formatUsd(spent), reserved: formatUsd(reserved) })
}
