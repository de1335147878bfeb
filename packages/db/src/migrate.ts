import type { Knex } from 'knex'
import { dialectOf } from './dialect/dialect.js'

/** Runs every migration that has not run yet, alone among all processes; answers their names. */
export function migrateLatest(db: Knex): Promise<string[]> {
  return locked(db, (migrating) => migrating.migrate.latest())
}

/** Takes the last batch of migrations back, alone among all processes; answers their names. */
export function migrateRollback(db: Knex): Promise<string[]> {
  return locked(db, (migrating) => migrating.migrate.rollback())
}

/** Which migrations have run and which have not, oldest first. */
export async function migrationStatus(db: Knex): Promise<{ completed: string[]; pending: string[] }> {
  const [completed, pending] = await db.migrate.list()
  return {
    completed: completed.map(({ name }: { name: string }) => name),
    pending: pending.map(({ file }: { file: string }) => file),
  }
}

/** Whether the schema is the one this code was written for. */
export async function isMigrated(db: Knex): Promise<boolean> {
  return (await migrationStatus(db)).pending.length === 0
}

/** Knex's own lock is a row that a killed process leaves behind: under ours, a taken one is such a leftover. */
function locked(db: Knex, work: (migrating: Knex) => Promise<[number, string[]]>): Promise<string[]> {
  return dialectOf(db).withMigrationLock(db, async (migrating) => {
    await migrating.migrate.forceFreeMigrationsLock()
    const [, names] = await work(migrating)
    return names
  })
}
