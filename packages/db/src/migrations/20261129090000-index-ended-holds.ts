import type { Migration } from './migration.js'

/**
 * Adds an index from which the ended holds of a project are listed. Partial, so that it costs nothing when a hold is
 * made: the open holds of a project have an index already.
 */
export const indexEndedHolds: Migration = {
  async up(db) {
    await db.raw(
      `CREATE INDEX reservations_ended_by_project ON reservations (project_id, status, id) WHERE status <> 'held'`,
    )
  },
  async down(db) {
    await db.raw('DROP INDEX reservations_ended_by_project')
  },
}
