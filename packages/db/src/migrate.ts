import { DomainError } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Allowances, type DatabaseState, readState } from './database-state.js'
import { dialectOf } from './dialect/dialect.js'

export type MigrationOptions = Allowances & {
  /** Also while servers use the database, which go on with a schema that they were not written for. */
  readonly whileServed?: boolean
}

/**
 * Runs every migration that has not run yet, alone among all processes; answers their names. With nothing to run it
 * changes nothing and waits for nobody.
 * @throws DomainError `conflict`, before anything is changed, when the database is not one to migrate or a server uses it.
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
 * Takes the last batch of migrations back, alone among all processes; answers their names.
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

/** Whether the schema is the one this code was written for; only reads. */
export async function isMigrated(db: Knex): Promise<boolean> {
  return (await readState(db)).kind === 'current'
}

/** @throws DomainError `conflict` when a server uses this database. */
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
    `a server is using this database, and its schema would change under it: end that server first, or run: ${ANYWAY[command]}`,
  )
}

/**
 * Knex's own lock is a row that a killed process leaves behind: under ours, a taken one is such a leftover. The row is
 * never deleted but for what there is beside it, since Knex cannot lock where there is none, or more than one.
 */
async function freeKnexLock(db: Knex): Promise<void> {
  if (!(await db.schema.hasTable('knex_migrations_lock'))) return
  await db('knex_migrations_lock').update({ is_locked: 0 })
  const [first] = await db('knex_migrations_lock').orderBy('index').limit(1).pluck('index')
  if (first !== undefined) await db('knex_migrations_lock').where('index', '>', first).delete()
}
