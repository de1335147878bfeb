import { dialectOf } from '../dialect/dialect.js'
import type { Migration } from './migration.js'

/** Adds sessions that have the role of an admin because the provider with which a person signed in says so. */
export const nameAdmins: Migration = {
  async up(db) {
    const { text } = dialectOf(db).types
    await db.raw(`ALTER TABLE sessions ADD COLUMN role ${text} CHECK (role IN ('admin'))`)
  },

  async down(db) {
    await db.raw('DELETE FROM sessions WHERE role IS NOT NULL')
    await db.raw('ALTER TABLE sessions DROP COLUMN role')
  },
}
