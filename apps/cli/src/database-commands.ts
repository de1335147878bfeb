import { migrateLatest, migrateRollback, migrationStatus, openDatabase } from '@mgx/db'
import { type Command, CommandError } from './command.js'
import type { Config } from './config.js'

type Database = Awaited<ReturnType<typeof openDatabase>>

export const databaseCommands: Record<string, Command> = {
  'db migrate': {
    summary: 'Run every migration that has not run yet.',
    run: (config) =>
      withDatabase(config, async (db) => {
        printNames(await migrateLatest(db), 'Ran', 'Nothing to run: the database is up to date.')
      }),
  },

  'db rollback': {
    summary: 'Take the last batch of migrations back, with the data in their tables. In production: --yes.',
    run: (config, { yes }) =>
      withDatabase(config, async (db) => {
        if (config.isProduction && !yes) {
          throw new CommandError(
            'This deletes the data in the tables of the last batch of migrations. In production, agree with --yes.',
          )
        }
        printNames(await migrateRollback(db), 'Took back', 'Nothing to take back: no migration has run.')
      }),
  },

  'db status': {
    summary: 'Say which migrations have run and which have not.',
    run: (config) => withDatabase(config, printStatus),
  },
}

/** Every failure in here is the database's: unreachable, unreadable, or at odds with the migrations. */
async function withDatabase({ databaseUrl }: Config, work: (db: Database) => Promise<void>): Promise<void> {
  let db: Database | undefined
  try {
    db = await openDatabase(databaseUrl, { poolMax: 2 })
    await work(db)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`DATABASE_URL: ${(error as Error).message.replaceAll(/\s+/g, ' ')}`, { cause: error })
  } finally {
    await db?.destroy()
  }
}

function printNames(names: string[], did: string, nothing: string): void {
  console.log(names.length === 0 ? nothing : `${did} ${count(names)}:\n${names.map((name) => `  ${name}`).join('\n')}`)
}

async function printStatus(db: Database): Promise<void> {
  const { completed, pending } = await migrationStatus(db)
  for (const name of completed) console.log(`done     ${name}`)
  for (const name of pending) console.log(`pending  ${name}`)
  console.log(
    pending.length === 0
      ? 'The database is up to date.'
      : `${count(pending)} still to run: mgx db migrate (pnpm db:migrate).`,
  )
}

function count(names: string[]): string {
  return names.length === 1 ? '1 migration' : `${names.length} migrations`
}
