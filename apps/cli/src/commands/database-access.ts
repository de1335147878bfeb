import { type DatabaseState, databaseState, driverMessage, type openDatabase, readDatabaseVariables } from '@mgx/db'
import { databaseEnvironment } from '../config.js'
import { CommandError } from '../exit-code.js'
import type { Io } from '../io.js'

/** The variables of the database, validated. */
export type DatabaseConfig = ReturnType<typeof readDatabaseVariables>
export type Database = Awaited<ReturnType<typeof openDatabase>>

export const MIGRATE = 'mgx db migrate (npm run db:migrate)'

/** Reads the variables of the database; an empty one counts as unset. @throws CommandError that names an invalid one. */
export function databaseConfig({ env }: Io): DatabaseConfig {
  try {
    return readDatabaseVariables(databaseEnvironment(env))
  } catch (error) {
    throw new CommandError((error as Error).message, { cause: error })
  }
}

/** Blames any unexpected failure on the database: it is unreachable, unreadable, or does not match the migrations. */
export async function named(work: () => Promise<void>): Promise<undefined> {
  try {
    await work()
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`DATABASE_URL: ${driverMessage(error).replaceAll(/\s+/g, ' ')}`, { cause: error })
  }
}

/** Returns the state of the database. @throws CommandError when this version cannot use it. */
export async function usableState({ databaseUrl, ...allowances }: DatabaseConfig): Promise<DatabaseState> {
  const state = await databaseState(databaseUrl, allowances)
  if (state.problem !== undefined) throw new CommandError(`DATABASE_URL: ${state.problem}`)
  return state
}

/** @throws CommandError when there is no database. */
export function requireDatabase({ kind }: DatabaseState): void {
  if (kind === 'missing') throw new CommandError(`DATABASE_URL: there is no database yet. To create it: ${MIGRATE}.`)
}

/** Runs work on a database and closes it. */
export async function withDatabase<Result>(
  opening: Promise<Database>,
  work: (db: Database) => Promise<Result>,
): Promise<Result> {
  const db = await opening
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}

/** @throws CommandError when there is no database, or it lacks migrations of this version. */
export function requireCurrent(state: DatabaseState): void {
  requireDatabase(state)
  if (state.kind !== 'current') throw new CommandError(`The database is behind this version. Run: ${MIGRATE}.`)
}
