import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'

/** How many projects one sweep takes on, so that it stays a short transaction. */
const PROJECTS_A_SWEEP = 100

/** Projects that have holds past their time, the longest overdue among them. */
export async function dueProjects(db: Knex): Promise<number[]> {
  const due = db('reservations')
    .select('projectId', 'expiresAt')
    .where({ status: 'held' })
    .where('expiresAt', '<=', db.raw(dialectOf(db).now))
    .orderBy('expiresAt')
    .limit(PROJECTS_A_SWEEP)
  const rows: { projectId: number }[] = await db.from(due.as('due')).distinct('projectId')
  return rows.map(({ projectId }) => projectId)
}
