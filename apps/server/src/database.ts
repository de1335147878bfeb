import { driverMessage, isMigrated, migrateLatest, openDatabase } from '@mgx/db'
import type { Config } from './config.js'
import { StartupError } from './startup-error.js'

export type Database = Awaited<ReturnType<typeof openDatabase>>

/**
 * Opens the configured database, migrated if the configuration says so.
 * @throws StartupError that names DATABASE_URL.
 */
export async function openConfiguredDatabase(config: Config): Promise<Database> {
  const db = await openDatabase(config.databaseUrl, { poolMax: config.databasePoolMax }).catch((error: Error) => {
    throw new StartupError([`DATABASE_URL: ${error.message}`])
  })
  if (!config.autoMigrate) return db
  await migrateLatest(db).catch(async (error: Error) => {
    await db.destroy()
    throw new StartupError([`DATABASE_URL: the database cannot be migrated: ${driverMessage(error)}`], { cause: error })
  })
  return db
}

/** Whether the schema is as this code needs it; false also when that cannot be found out. */
export async function hasSchema(db: Database): Promise<boolean> {
  return isMigrated(db).catch(() => false)
}
