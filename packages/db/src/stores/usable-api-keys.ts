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
