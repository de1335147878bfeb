import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { narrow, type Scope } from '../scope.js'

/** Returns the ids of the due holds in scope, longest overdue first, at most `limit`. */
export async function listDueHoldIds(db: Knex, scope: Scope, limit: number): Promise<number[]> {
  const held = db('reservations').select('id').where({ status: 'held' })
  const due: { id: number }[] = await narrow(held, scope, { userId: 'userId', projectId: 'projectId' })
    .where('expiresAt', '<=', db.raw(dialectOf(db).now))
    .orderBy('expiresAt')
    .limit(limit)
  return due.map(({ id }) => id)
}

/** SQL: the sum of an account's due holds, in nano-USD; `id` is the SQL expression of the account's id. */
export function dueAmount(db: Knex, account: 'project_id' | 'user_id', id: string): string {
  const { now, types } = dialectOf(db)
  return `(SELECT CAST(COALESCE(SUM(amount), 0) AS ${types.integer}) FROM reservations
    WHERE reservations.${account} = ${id} AND reservations.status = 'held' AND reservations.expires_at <= ${now})`
}
