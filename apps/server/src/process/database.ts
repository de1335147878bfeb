import { databaseState, driverMessage, isMigrated, migrateLatest, openDatabase } from '@mgx/db'
import type { Config } from '../config.js'
import { StartupError } from './startup-error.js'

export type Database = Awaited<ReturnType<typeof openDatabase>>

/**
 * Opens the configured database as it is.
 * @throws StartupError that names DATABASE_URL.
 */
export function openConfiguredDatabase(config: Config): Promise<Database> {
  return open(config).catch((error: Error) => {
    throw new StartupError([`DATABASE_URL: ${error.message}`], { cause: error })
  })
}

/**
 * Migrates it if the configuration says so; closes it when that fails.
 * @throws StartupError that names DATABASE_URL.
 */
export async function migrateAsConfigured(db: Database, config: Config): Promise<void> {
  if (!config.autoMigrate) return
  await migrateLatest(db, config).catch(async (error: Error) => {
    await db.destroy()
    throw new StartupError([`DATABASE_URL: the database cannot be migrated: ${driverMessage(error)}`], { cause: error })
  })
}

/** Looks before it opens, since opening makes a SQLite file. */
async function open({ databaseUrl, databasePoolMax, ...config }: Config): Promise<Database> {
  const { problem } = await databaseState(databaseUrl, config)
  if (problem !== undefined) throw new Error(problem)
  return openDatabase(databaseUrl, { poolMax: databasePoolMax })
}

/** Whether the schema is as this code needs it; false also when that cannot be found out. */
export async function hasSchema(db: Database): Promise<boolean> {
  return isMigrated(db).catch(() => false)
}
