import { formatUsd, type Page, type PageInput, type ProjectSpend } from '@mgx/contract'
import type { Knex } from 'knex'
import { firstRows, toPage } from '../page.js'
import { narrow, type Scope } from '../scope.js'

/** Returns a page of the costs of each project in scope, newest project first, including projects without costs. */
export async function projectSpend(db: Knex, scope: Scope, page: PageInput): Promise<Page<ProjectSpend>> {
  const projects = narrow(db('projects').select('id', 'name'), scope, { userId: 'userId', projectId: 'id' })
  const rows = await db
    .select('project.id AS projectId', 'project.name')
    .select(db.raw('COUNT(cost_records.id) AS records, COALESCE(SUM(cost_records.total_cost), 0) AS "totalCost"'))
    .from(firstRows(projects, page).as('project'))
    .leftJoin('cost_records', 'cost_records.projectId', 'project.id')
    .groupBy('project.id', 'project.name')
    .orderBy('project.id', 'desc')
  const spend = rows.map((row) => ({ ...row, totalCost: formatUsd(BigInt(row.totalCost)) }))
  return toPage(spend, page, (row) => row.projectId)
}
