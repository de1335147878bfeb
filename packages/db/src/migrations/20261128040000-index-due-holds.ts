import type { Migration } from './migration.js'

/**
 * What is due of a user, and of a project, is added up from an index alone, which has only what is held. All the holds of
 * a project are found by its unique keys.
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
