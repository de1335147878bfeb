import type { Migration } from './migration.js'

/**
 * Adds partial indexes from which the due amount of a user or a project is summed without reading the table. The index
 * on all reservations of a project is dropped: the unique index on (project_id, idempotency_key) covers such lookups.
 */
export const indexDueHolds: Migration = {
  async up(db) {
    await db.raw('DROP INDEX reservations_by_project')
    await db.raw('DROP INDEX reservations_held_by_user')
    await db.raw(
      `CREATE INDEX reservations_held_by_user ON reservations (user_id, expires_at, amount) WHERE status = 'held'`,
    )
    await db.raw(
      `CREATE INDEX reservations_held_by_project ON reservations (project_id, expires_at, amount) WHERE status = 'held'`,
    )
  },
  async down(db) {
    await db.raw('DROP INDEX reservations_held_by_project')
    await db.raw('DROP INDEX reservations_held_by_user')
    await db.raw(`CREATE INDEX reservations_held_by_user ON reservations (user_id, expires_at) WHERE status = 'held'`)
    await db.raw('CREATE INDEX reservations_by_project ON reservations (project_id, id)')
  },
}
