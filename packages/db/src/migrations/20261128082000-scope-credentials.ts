import { dialectOf } from '../dialect/dialect.js'
import type { Migration } from './migration.js'

/** Keys that may write, whatever else they may do. The cast works on a JSON column and on a text column. */
const WRITES = `CAST(scopes AS text) LIKE '%"write"%'`
const OF_ADMINS = `user_id IN (SELECT id FROM users WHERE role = 'admin')`

/**
 * Adds the scopes `record` and `admin`, keys bound to a project, rotation with an overlap, sessions of people who sign in
 * without a key, and users who are deactivated. Keys of admins that could write keep the rights of an admin.
 */
export const scopeCredentials: Migration = {
  async up(db) {
    const { integer, text, instant } = dialectOf(db).types
    const columns = [
      `api_keys ADD COLUMN project_id ${integer} REFERENCES projects (id)`,
      `api_keys ADD COLUMN rotated_at ${instant}`,
      `api_keys ADD COLUMN calls_per_minute ${integer} CHECK (calls_per_minute > 0)`,
      `users ADD COLUMN deactivated_at ${instant}`,
      `sessions ADD COLUMN kind ${text} NOT NULL DEFAULT 'token' CHECK (kind IN ('token', 'cookie'))`,
      `sessions ADD COLUMN identity_id ${integer} REFERENCES identities (id)`,
      `sessions ADD COLUMN scope ${text} CHECK (scope IN ('read', 'record', 'write', 'admin'))`,
    ]
    for (const column of columns) await db.raw(`ALTER TABLE ${column}`)
    // SQLite cannot make a column nullable, so a nullable one takes its place.
    await db.raw(`ALTER TABLE sessions ADD COLUMN opened_by ${integer} REFERENCES api_keys (id)`)
    await db.raw('UPDATE sessions SET opened_by = api_key_id')
    await db.raw('ALTER TABLE sessions DROP COLUMN api_key_id')
    await db.raw('ALTER TABLE sessions RENAME COLUMN opened_by TO api_key_id')
    await db.raw(`UPDATE api_keys SET scopes = '["admin"]' WHERE ${WRITES} AND ${OF_ADMINS}`)
    await db.raw('CREATE INDEX api_keys_by_project ON api_keys (project_id, id) WHERE project_id IS NOT NULL')
  },

  /** What the earlier schema cannot limit ends, so that no credential gains rights. */
  async down(db) {
    const { now } = dialectOf(db)
    await db.raw(`UPDATE api_keys SET revoked_at = ${now} WHERE revoked_at IS NULL AND (project_id IS NOT NULL
      OR user_id IN (SELECT id FROM users WHERE deactivated_at IS NOT NULL))`)
    await db.raw(`UPDATE api_keys SET scopes = '["read"]' WHERE CAST(scopes AS text) LIKE '%"record"%'`)
    await db.raw(`UPDATE api_keys SET scopes = '["read"]' WHERE ${WRITES} AND ${OF_ADMINS}`)
    await db.raw(`UPDATE api_keys SET scopes = '["read","write"]'
      WHERE ${WRITES} OR CAST(scopes AS text) LIKE '%"admin"%'`)
    await db.raw(`DELETE FROM sessions WHERE kind = 'cookie'`)
    await db.raw('DROP INDEX api_keys_by_project')
    const columns = {
      sessions: ['scope', 'identity_id', 'kind'],
      users: ['deactivated_at'],
      api_keys: ['calls_per_minute', 'rotated_at', 'project_id'],
    }
    for (const [table, names] of Object.entries(columns)) {
      for (const name of names) await db.raw(`ALTER TABLE ${table} DROP COLUMN ${name}`)
    }
  },
}
