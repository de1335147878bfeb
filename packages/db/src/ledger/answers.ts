import type { RecordedCost } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { CostRecordModel } from '../models/cost-record.js'
import { toBudget } from './budget.js'
import { type Answer, answerKey, type RecordOperation } from './core.js'

/** The stored answers to the idempotency keys of these operations. Read under the accounts' locks, so none is missed. */
export async function findAnswers(
  trx: Knex.Transaction,
  operations: readonly RecordOperation[],
): Promise<Map<string, Answer<RecordedCost>>> {
  const keys = operations.flatMap(({ projectId, idempotencyKey }) =>
    idempotencyKey ? [[projectId, idempotencyKey]] : [],
  )
  if (keys.length === 0) return new Map()
  const asked = dialectOf(trx).rows('asked', { project_id: 'integer', idempotency_key: 'text' }, keys)
  const rows: unknown[] = await trx
    .select('cost_records.*')
    .from(trx.raw(asked.sql, asked.bindings as Knex.RawBinding[]))
    .joinRaw('JOIN cost_records USING (project_id, idempotency_key)')
  return new Map(rows.map((row) => answerOf(CostRecordModel.fromDatabaseJson(row as object))))
}

function answerOf(stored: CostRecordModel): [string, Answer<RecordedCost>] {
  const { projectId, idempotencyKey, requestHash, budgetLimit, budgetSpent, budgetReserved } = stored
  if (!idempotencyKey || !requestHash || !budgetLimit || !budgetSpent || !budgetReserved) {
    throw new Error(`cost record ${stored.id} was found by its key but keeps no answer`)
  }
  const budget = toBudget({ projectId, limit: budgetLimit, spent: budgetSpent, reserved: budgetReserved })
  return [
    answerKey(projectId, idempotencyKey),
    { requestHash, outcome: { kind: 'repeated', written: { record: stored, budget } } },
  ]
}
