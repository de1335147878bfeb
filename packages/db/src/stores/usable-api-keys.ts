import { type ApiKey, DomainError } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { ApiKeyModel } from '../models/models.js'

/**
 * Selects the keys that are neither revoked nor expired by the database's clock, whose user is not deactivated, and whose
 * project, if they are bound to one, has not ended.
 */
export function usableApiKeys(db: Knex) {
  return (
    ApiKeyModel.query(db)
      .whereNull('revokedAt')
      // Not `now`, which stands still while a transaction waits for its locks.
      .where((end) => end.whereNull('expiresAt').orWhere('expiresAt', '>', db.raw(dialectOf(db).clock)))
      .whereRaw('EXISTS (SELECT 1 FROM users WHERE users.id = api_keys.user_id AND users.deactivated_at IS NULL)')
      .where((bound) =>
        bound
          .whereNull('projectId')
          .orWhereRaw(
            `EXISTS (SELECT 1 FROM projects WHERE projects.id = api_keys.project_id AND projects.status IN ('pending', 'running'))`,
          ),
      )
  )
}

type AdminKey = Pick<ApiKey, 'id' | 'userId'>

/**
 * Locks all admins, in id order, until the transaction ends, and returns their ids. Two admins must not be able to
 * remove each other's access at the same moment.
 */
export async function lockAdmins(trx: Knex.Transaction): Promise<number[]> {
  const { query, lockRows } = dialectOf(trx)
  const admins = await query<{ id: number }>(trx, {
    sql: `SELECT id FROM users WHERE role = 'admin' AND deactivated_at IS NULL ORDER BY id ${lockRows('users')}`,
    bindings: [],
  })
  return admins.map(({ id }) => id)
}

/**
 * Rejects a change after which no admin would have a usable key. `isLost` tells which keys the change removes. The
 * transaction must have locked the admins.
 * @throws DomainError `conflict` with this message.
 */
export async function requireAdminKeyLeft(
  trx: Knex.Transaction,
  isLost: (key: AdminKey) => boolean,
  message: string,
): Promise<void> {
  const keys = await usableAdminKeys(trx)
  if (keys.some(isLost) && keys.every(isLost)) throw new DomainError('conflict', message)
}

/** Whether any admin has a usable key. */
export async function hasUsableAdminKey(db: Knex): Promise<boolean> {
  return (await usableAdminKeys(db)).length > 0
}

/** Returns the keys with which an admin can create another key of an admin, without those that are being replaced. */
async function usableAdminKeys(db: Knex): Promise<AdminKey[]> {
  const keys = await usableApiKeys(db)
    .whereIn('userId', db('users').where({ role: 'admin' }).select('id'))
    .whereNull('projectId')
    .whereNull('rotatedAt')
    .select('id', 'userId', 'scopes')
  return keys.filter(({ scopes }) => scopes.includes('admin'))
}
