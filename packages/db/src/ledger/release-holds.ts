import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'

/** Frees all that a project holds, as it ends. Its accounts must be locked. */
export async function releaseHolds(trx: Knex.Transaction, projectId: number): Promise<void> {
  const { now } = dialectOf(trx)
  await trx('reservations')
    .where({ projectId, status: 'held' })
    .update({
      status: trx.raw(`CASE WHEN expires_at <= ${now} THEN 'expired' ELSE 'released' END`),
      resolvedAt: trx.raw(now),
    })
  await trx.raw(
    `UPDATE users SET reserved = users.reserved - projects.reserved
    FROM projects WHERE projects.id = ? AND users.id = projects.user_id`,
    [projectId],
  )
  await trx('projects').where({ id: projectId }).update({ reserved: 0 })
}
