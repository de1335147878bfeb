import { type ApiKey, DomainError } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { ApiKeyModel } from '../models/models.js'

/** A query for the keys that are neither revoked nor expired by the database's clock. */
export function usableApiKeys(db: Knex) {
  return (
    ApiKeyModel.query(db)
      .whereNull('revokedAt')
      // Not `now`, which stands still in a transaction that waits for its locks.
      .where((end) => end.whereNull('expiresAt').orWhere('expiresAt', '>', db.raw(dialectOf(db).clock)))
  )
}

type AdminKey = Pick<ApiKey, 'id' | 'userId'>

/**
 * Locks the admins against other changes of admins and their keys until the transaction ends, in id order: two admins
 * must not take each other's access away at the same moment. Returns their ids.
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
 * Refuses a change that takes the last way in: afterwards some admin must still have a usable key. Takes a transaction
 * that has locked the admins.
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

/** The usable keys of admins, without those that may only read: they are no way in, for they cannot make another key. */
async function usableAdminKeys(db: Knex): Promise<AdminKey[]> {
  const keys = await usableApiKeys(db)
    .whereIn('userId', db('users').where({ role: 'admin' }).select('id'))
    .select('id', 'userId', 'scopes')
  return keys.filter(({ scopes }) => scopes.includes('write'))
}
