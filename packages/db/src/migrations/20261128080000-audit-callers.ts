import { dialectOf } from '../dialect/dialect.js'
import type { Migration } from './migration.js'

/** Adds to the audit log whom a change concerns, and the credential and address of the call. */
export const auditCallers: Migration = {
  async up(db) {
    const { integer, text } = dialectOf(db).types
    await db.raw(`ALTER TABLE audit_log ADD COLUMN user_id ${integer}`)
    await db.raw(`ALTER TABLE audit_log ADD COLUMN credential ${text}`)
    await db.raw(`ALTER TABLE audit_log ADD COLUMN address ${text}`)
    await db.raw('CREATE INDEX audit_log_by_user ON audit_log (user_id, id)')
  },
  async down(db) {
    await db.raw('DROP INDEX audit_log_by_user')
    for (const column of ['address', 'credential', 'user_id']) {
      await db.raw(`ALTER TABLE audit_log DROP COLUMN ${column}`)
    }
  },
}
