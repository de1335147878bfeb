import { type Budget, notFound } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { toBudget } from '../ledger/answer.js'
import type { Scope } from '../scope.js'

/** The budget of a project. What has expired counts as free, whether or not it was swept. @throws DomainError `not_found`. */
export async function getBudget(db: Knex, { userId, projectId }: Scope, id: number): Promise<Budget> {
  const due = db('reservations')
    .where({ projectId: id, status: 'held' })
    .where('expiresAt', '<=', db.raw(dialectOf(db).now))
    .select(db.raw('COALESCE(SUM(amount), 0)'))
  const query = db('projects').where({ id }).select('investment', 'totalCost', 'reserved', due.as('due'))
  if (userId !== undefined) query.where({ userId })
  if (projectId !== undefined) query.where({ id: projectId })
  const row: Record<'investment' | 'totalCost' | 'reserved' | 'due', number> | undefined = await query.first()
  if (!row) throw notFound('project')
  return toBudget(id, {
    limit: BigInt(row.investment),
    spent: BigInt(row.totalCost),
    reserved: BigInt(row.reserved) - BigInt(row.due),
  })
}
