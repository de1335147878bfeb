import { databaseState, driverMessage, isMigrated, migrateLatest, openDatabase } from '@mgx/db'
import type { Config } from './config.js'
import { StartupError } from './startup-error.js'

export type Database = Awaited<ReturnType<typeof openDatabase>>

/**
 * Opens the configured database, migrated if the configuration says so.
 * @throws StartupError that names DATABASE_URL.
 */
export async function openConfiguredDatabase(config: Config): Promise<Database> {
  const db = await open(config).catch((error: Error) => {
    throw new StartupError([`DATABASE_URL: ${error.message}`], { cause: error })
  })
  if (!config.autoMigrate) return db
  await migrateLatest(db, config).catch(async (error: Error) => {
    await db.destroy()
    throw new StartupError([`DATABASE_URL: the database cannot be migrated: ${driverMessage(error)}`], { cause: error })
  })
  return db
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
