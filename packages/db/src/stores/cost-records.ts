import { type CostRecord, type CostTotal, formatUsd, type ListCostsInput, type Page } from '@mgx/contract'
import type { Knex } from 'knex'
import { CostRecordModel } from '../models/models.js'
import { page } from '../page.js'
import { narrow, type Scope } from '../scope.js'
import { getProject } from './projects.js'

const owner = { userId: 'userId', projectId: 'projectId' }

/** Returns a cost record in scope. @throws DomainError `not_found`. */
export async function getCostRecord(db: Knex, scope: Scope, id: number): Promise<CostRecord> {
  return (await narrow(CostRecordModel.query(db), scope, owner).findById(id).throwIfNotFound()).toEntity()
}

/** Returns a page of a project's cost records that match the input, newest first. @throws DomainError `not_found`. */
export async function listCostRecords(db: Knex, scope: Scope, input: ListCostsInput): Promise<Page<CostRecord>> {
  const { actionType, model, from, to } = input
  const { id: projectId } = await getProject(db, scope, input.projectId)
  const query = CostRecordModel.query(db).where({ projectId })
  if (actionType !== undefined) query.where({ actionType })
  if (model !== undefined) query.where({ model })
  if (from !== undefined) query.where('createdAt', '>=', from)
  if (to !== undefined) query.where('createdAt', '<', to)
  return page(query, input)
}

/**
 * Returns the next cost records of a project after an id, in id order; none when the project is out of scope. Id order
 * is also commit order, because the ledger assigns ids while it has the project locked, so a reader that continues
 * after the last id it read misses none.
 */
export async function nextCostRecords(
  db: Knex,
  scope: Scope,
  { projectId, after, limit }: { projectId: number; after: number; limit: number },
): Promise<CostRecord[]> {
  const query = CostRecordModel.query(db).where({ projectId }).where('id', '>', after).orderBy('id').limit(limit)
  return (await narrow(query, scope, owner)).map((record) => record.toEntity())
}

/** Returns the id of a project's newest cost record; 0 when it has none or is out of scope. */
export async function newestCostRecordId(db: Knex, scope: Scope, projectId: number): Promise<number> {
  const newest = await narrow(db('cost_records').where({ projectId }), scope, owner).max('id as id').first()
  return newest?.id ?? 0
}

/** Returns the totals of the cost records of a project in scope. @throws DomainError `not_found`. */
export async function totalCostRecords(db: Knex, scope: Scope, id: number): Promise<CostTotal> {
  const { id: projectId } = await getProject(db, scope, id)
  // Tokens are summed as doubles, exact up to 2^53, because large counts would overflow SQLite's integers.
  const tokens = (column: string) => `COALESCE(SUM(CAST(${column} AS DOUBLE PRECISION)), 0) AS ${column}`
  const [row] = await db('cost_records')
    .where({ projectId })
    .select(db.raw('COUNT(*) AS records'), db.raw('COALESCE(SUM(total_cost), 0) AS total_cost'))
    .select(db.raw(tokens('prompt_tokens')), db.raw(tokens('completion_tokens')))
  return {
    totalCost: formatUsd(BigInt(row.totalCost)),
    records: row.records,
    promptTokens: row.promptTokens,
    completionTokens: row.completionTokens,
  }
}
