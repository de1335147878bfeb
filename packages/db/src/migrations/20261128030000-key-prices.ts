import { dialectOf } from '../dialect/dialect.js'
import type { Migration } from './migration.js'

/** Adds idempotency keys to prices. In plain SQL, because on SQLite Knex would copy the table. */
export const keyPrices: Migration = {
  async up(db) {
    const { text } = dialectOf(db).types
    await db.raw(`ALTER TABLE prices ADD COLUMN idempotency_key ${text}`)
    await db.raw(`ALTER TABLE prices ADD COLUMN request_hash ${text}`)
    await db.raw('CREATE UNIQUE INDEX prices_by_idempotency_key ON prices (idempotency_key)')
  },
  async down(db) {
    await db.raw('DROP INDEX prices_by_idempotency_key')
    await db.raw('ALTER TABLE prices DROP COLUMN request_hash')
    await db.raw('ALTER TABLE prices DROP COLUMN idempotency_key')
  },
}
