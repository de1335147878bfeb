import { type ApiKey, DomainError } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { ApiKeyModel } from '../models/models.js'

/** Selects the keys that are neither revoked nor expired by the database's clock. */
export function usableApiKeys(db: Knex) {
  return (
    ApiKeyModel.query(db)
      .whereNull('revokedAt')
      // Not `now`, which stands still while a transaction waits for its locks.
      .where((end) => end.whereNull('expiresAt').orWhere('expiresAt', '>', db.raw(dialectOf(db).clock)))
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
    sql: `SELECT id FROM users WHERE role = 'admin' ORDER BY id ${lockRows('users')}`,
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

/** Returns the admins' usable keys, except read-only ones, because those cannot create another key. */
async function usableAdminKeys(db: Knex): Promise<AdminKey[]> {
  const keys = await usableApiKeys(db)
    .whereIn('userId', db('users').where({ role: 'admin' }).select('id'))
    .select('id', 'userId', 'scopes')
  return keys.filter(({ scopes }) => scopes.includes('write'))
}
