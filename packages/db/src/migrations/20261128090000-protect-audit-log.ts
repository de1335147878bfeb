import { dialectOf } from '../dialect/dialect.js'
import { createTables, type Migration } from './migration.js'

/** An index for each filter of `audit.list` that has none yet. */
const indexes = { actor: 'actor', action: 'action', time: 'created_at' }

const failedSignIns = createTables(['failed_sign_ins'], ({ id, text, instant, count, tableSuffix }) => [
  `CREATE TABLE failed_sign_ins (
    id ${id},
    address ${text} NOT NULL,
    hour ${instant} NOT NULL,
    ${count('count')},
    UNIQUE (hour, address)
  ) ${tableSuffix}`,
])

/** Makes the audit log append-only and quick to search, and adds the counts of wrong credentials. */
export const protectAuditLog: Migration = {
  ...failedSignIns,
  async up(db) {
    await failedSignIns.up(db)
    for (const [name, column] of Object.entries(indexes)) {
      await db.raw(`CREATE INDEX audit_log_by_${name} ON audit_log (${column}, id)`)
    }
    for (const statement of dialectOf(db).appendOnlyTriggers('audit_log').create) await db.raw(statement)
  },
  async down(db) {
    for (const statement of dialectOf(db).appendOnlyTriggers('audit_log').drop) await db.raw(statement)
    for (const name of Object.keys(indexes)) await db.raw(`DROP INDEX audit_log_by_${name}`)
    await failedSignIns.down(db)
  },
}
