import { type CostRecord, type CostTotal, formatUsd, type ListCostsInput, type Page } from '@mgx/contract'
import type { Knex } from 'knex'
import { CostRecordModel } from '../models/cost-record.js'
import { idsBelow, toPage } from '../page.js'

/** The cost records of a project, newest first, narrowed by what is given. */
export async function listCostRecords(db: Knex, page: ListCostsInput): Promise<Page<CostRecord>> {
  const { projectId, actionType, model, from, to } = page
  const query = CostRecordModel.query(db).where({ projectId }).where('id', '<', idsBelow(page))
  if (actionType !== undefined) query.where({ actionType })
  if (model !== undefined) query.where({ model })
  if (from !== undefined) query.where('createdAt', '>=', from)
  if (to !== undefined) query.where('createdAt', '<', to)
  const rows = await query.orderBy('id', 'desc').limit(page.limit + 1)
  return toPage(rows, page, ({ id }) => id)
}

/**
 * The next cost records of a project after an id, in the order of their ids. That is the order of their commits too, for
 * the ledger takes the ids while it holds the project: whoever goes on after the last one read misses none.
 */
export async function nextCostRecords(
  db: Knex,
  { projectId, after, limit }: { projectId: number; after: number; limit: number },
): Promise<CostRecord[]> {
  return CostRecordModel.query(db).where({ projectId }).where('id', '>', after).orderBy('id').limit(limit)
}

/** The id of the newest cost record of a project; 0 when it has none. */
export async function newestCostRecordId(db: Knex, projectId: number): Promise<number> {
  const newest = await db('cost_records').where({ projectId }).max('id as id').first()
  return newest?.id ?? 0
}

/** What the cost records of a project add up to. */
export async function totalCostRecords(db: Knex, projectId: number): Promise<CostTotal> {
  // Tokens are added as doubles, exact to 2^53, because many counts near that size would overflow SQLite's integers.
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
