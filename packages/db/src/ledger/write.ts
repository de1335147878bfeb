import { type CostRecord, formatUsd } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Cell, type ColumnType, dialectOf, type Statement } from '../dialect/dialect.js'
import type { Charge, Decision } from './core.js'

const chargeColumns: Record<string, ColumnType> = {
  user_id: 'integer',
  project_id: 'integer',
  model: 'text',
  prompt_tokens: 'integer',
  completion_tokens: 'integer',
  cached_prompt_tokens: 'integer',
  total_cost: 'integer',
  action_type: 'text',
  price_source: 'text',
  idempotency_key: 'text',
  request_hash: 'text',
  budget_limit: 'integer',
  budget_spent: 'integer',
  budget_reserved: 'integer',
}

/** Writes a decision; answers the stored cost records, in the order of its charges. */
export async function writeDecision(trx: Knex.Transaction, decision: Decision<unknown>): Promise<CostRecord[]> {
  const { charges, projects, users } = decision
  if (charges.length === 0) return []
  const written = await dialectOf(trx).runTogether(
    trx,
    insertCharges(trx, charges),
    updateTotals(trx, 'projects', [...projects.values()]),
    updateTotals(trx, 'users', [...users.values()]),
  )
  // Neither database promises the order of RETURNING, but both number the rows in the order they were selected.
  const rows = (written as { id: number; createdAt: string }[]).sort((a, b) => a.id - b.id)
  return charges.map((charge, index) => {
    const row = rows[index]
    if (!row) throw new Error(`${charges.length} charges were written as ${rows.length} rows`)
    return toRecord(charge, row.id, row.createdAt)
  })
}

function insertCharges(trx: Knex.Transaction, charges: readonly Charge[]): Statement {
  const columns = Object.keys(chargeColumns).join(', ')
  const source = dialectOf(trx).rows('charge', chargeColumns, charges.map(chargeCells))
  return {
    sql: `INSERT INTO cost_records (${columns}) SELECT ${columns} FROM ${source.sql} ORDER BY ordinal RETURNING id, created_at AS "createdAt"`,
    bindings: source.bindings,
  }
}

function chargeCells({ operation, price, budget }: Charge): Cell[] {
  const { usage, idempotencyKey } = operation
  const answer =
    idempotencyKey === null ? [null, null, null] : [budget.limit, budget.spent, budget.reserved].map(Number)
  return [
    budget.userId,
    budget.id,
    usage.model,
    usage.promptTokens,
    usage.completionTokens,
    usage.cachedPromptTokens,
    Number(price.amount),
    usage.actionType,
    price.source,
    idempotencyKey,
    idempotencyKey === null ? null : operation.requestHash,
    ...answer,
  ]
}

function updateTotals(trx: Knex.Transaction, table: string, accounts: { id: number; spent: bigint }[]): Statement {
  const { rows, now } = dialectOf(trx)
  const totals = rows(
    'account',
    { id: 'integer', spent: 'integer' },
    accounts.map(({ id, spent }) => [id, Number(spent)]),
  )
  return {
    sql: `UPDATE ${table} SET total_cost = account.spent, updated_at = ${now} FROM ${totals.sql} WHERE ${table}.id = account.id`,
    bindings: totals.bindings,
  }
}

function toRecord({ operation, price, budget }: Charge, id: number, createdAt: string): CostRecord {
  return {
    id,
    projectId: budget.id,
    ...operation.usage,
    totalCost: formatUsd(price.amount),
    priceSource: price.source,
    reservationId: null,
    createdAt,
  }
}
