import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'

/**
 * Frees what a project holds, as it ends. Its accounts must be locked. Due holds are left to the sweeper, and what they
 * hold counts as free until then.
 */
export async function releaseHolds(trx: Knex.Transaction, projectId: number): Promise<void> {
  const { now } = dialectOf(trx)
  const held = () => trx('reservations').where({ projectId, status: 'held' })
  await held()
    .where('expiresAt', '>', trx.raw(now))
    .update({ status: 'released', resolvedAt: trx.raw(now) })
  const due: { amount: number | string } | undefined = await held().first(trx.raw('COALESCE(SUM(amount), 0) AS amount'))
  const reserved = Number(due?.amount ?? 0)
  await trx.raw(
    `UPDATE users SET reserved = users.reserved - projects.reserved + ?
    FROM projects WHERE projects.id = ? AND users.id = projects.user_id`,
    [reserved, projectId],
  )
  await trx('projects').where({ id: projectId }).update({ reserved })
}
