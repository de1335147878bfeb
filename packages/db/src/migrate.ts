import { DomainError } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Allowances, type DatabaseState, readState } from './database-state.js'
import { dialectOf } from './dialect/dialect.js'

export type MigrationOptions = Allowances & {
  /** Migrates even while servers use the database; they then run on a schema they were not written for. */
  readonly whileServed?: boolean
}

/**
 * Runs all pending migrations under the migration lock and returns their names. With nothing pending it neither changes
 * anything nor waits for the lock.
 * @throws DomainError `conflict`, before any change, when the database must not be migrated or a server uses it.
 */
export function migrateLatest(db: Knex, options: MigrationOptions = {}): Promise<string[]> {
  return change(
    db,
    options,
    'migrate',
    ({ pending }) => pending,
    (migrating) => migrating.migrate.latest(),
  )
}

/**
 * Rolls back the last batch of migrations under the migration lock and returns their names.
 * @throws DomainError as `migrateLatest` does.
 */
export function migrateRollback(db: Knex, options: MigrationOptions = {}): Promise<string[]> {
  return change(
    db,
    options,
    'rollback',
    ({ completed }) => completed,
    (migrating) => migrating.migrate.rollback(),
  )
}

/** Whether the schema is the one this code was written for. Only reads. */
export async function isMigrated(db: Knex): Promise<boolean> {
  return (await readState(db)).kind === 'current'
}

/** Checks that no server uses this database. @throws DomainError `conflict` when one does. */
export function requireUnserved(db: Knex): Promise<void> {
  return dialectOf(db).withMigrationLock(db, async (_, keepServersOut) => {
    if (!(await keepServersOut())) throw isServed('migrate')
  })
}

async function change(
  db: Knex,
  options: MigrationOptions,
  command: 'migrate' | 'rollback',
  concerned: (state: DatabaseState) => readonly string[],
  run: (migrating: Knex) => Promise<[number, string[]]>,
): Promise<string[]> {
  const isNeeded = async (reader: Knex) => {
    const state = await readState(reader, options)
    if (state.problem !== undefined) throw new DomainError('conflict', state.problem)
    return concerned(state).length > 0
  }
  if (!(await isNeeded(db))) return []
  return dialectOf(db).withMigrationLock(db, async (migrating, keepServersOut) => {
    if (!(await isNeeded(migrating))) return []
    if (!options.whileServed && !(await keepServersOut())) throw isServed(command)
    await freeKnexLock(migrating)
    const [, names] = await run(migrating)
    return names
  })
}

const ANYWAY = { migrate: 'npm run db:migrate -- --yes', rollback: 'npm run db:rollback -- --yes' }

function isServed(command: 'migrate' | 'rollback'): DomainError {
  return new DomainError(
    'conflict',
    `a server is using this database, and its schema would change under it: stop that server first, or run: ${ANYWAY[command]}`,
  )
}

/**
 * Clears Knex's own lock. It is a row that a killed process leaves locked, and while we hold our lock it can only be
 * such a leftover. Knex needs exactly one row, so this deletes any others.
 */
async function freeKnexLock(db: Knex): Promise<void> {
  if (!(await db.schema.hasTable('knex_migrations_lock'))) return
  await db('knex_migrations_lock').update({ is_locked: 0 })
  const [first] = await db('knex_migrations_lock').orderBy('index').limit(1).pluck('index')
  if (first !== undefined) await db('knex_migrations_lock').where('index', '>', first).delete()
}
