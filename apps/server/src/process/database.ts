import { databaseState, driverMessage, isMigrated, migrateLatest, openDatabase } from '@mgx/db'
import type { Config } from '../config.js'
import { StartupError } from './startup-error.js'

export type Database = Awaited<ReturnType<typeof openDatabase>>

/**
 * Opens the configured database without changing it.
 * @throws StartupError that names DATABASE_URL.
 */
export function openConfiguredDatabase(config: Config): Promise<Database> {
  return open(config).catch((error: Error) => {
    throw new StartupError([`DATABASE_URL: ${error.message}`], { cause: error })
  })
}

/**
 * Migrates the database if the configuration says so; closes it on failure.
 * @throws StartupError that names DATABASE_URL.
 */
export async function migrateAsConfigured(db: Database, config: Config): Promise<void> {
  if (!config.autoMigrate) return
  await migrateLatest(db, config).catch(async (error: Error) => {
    await db.destroy()
    throw new StartupError([`DATABASE_URL: the database cannot be migrated: ${driverMessage(error)}`], { cause: error })
  })
}

/** Reads the state first, because opening would create a missing SQLite file. */
async function open({ databaseUrl, databasePoolMax, ...config }: Config): Promise<Database> {
  const { problem } = await databaseState(databaseUrl, config)
  if (problem !== undefined) throw new Error(problem)
  return openDatabase(databaseUrl, { poolMax: databasePoolMax })
}

/** Returns whether the schema is the one this version needs; false also when the database cannot be read. */
export async function hasSchema(db: Database): Promise<boolean> {
  return isMigrated(db).catch(() => false)
}
