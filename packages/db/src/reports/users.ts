import { formatUsd, type Page, type PageInput, type UserSpend } from '@mgx/contract'
import type { Knex } from 'knex'
import { firstRows, toPage } from '../page.js'
import { narrow, type Scope } from '../scope.js'

/** Returns a page of the number and cost of each user's projects, newest user first, for users in scope. */
export async function userSpend(db: Knex, scope: Scope, page: PageInput): Promise<Page<UserSpend>> {
  const users = narrow(db('users').select('id', 'username'), scope, { userId: 'id' })
  const rows = await db
    .select('user.id AS userId', 'user.username')
    .select(db.raw('COUNT(projects.id) AS "projectCount", COALESCE(SUM(projects.total_cost), 0) AS "totalSpent"'))
    .from(firstRows(users, page).as('user'))
    .leftJoin('projects', 'projects.userId', 'user.id')
    .groupBy('user.id', 'user.username')
    .orderBy('user.id', 'desc')
  const spend = rows.map((row) => ({ ...row, totalSpent: formatUsd(BigInt(row.totalSpent)) }))
  return toPage(spend, page, (row) => row.userId)
}
