import {
  driftLine,
  hasUsers,
  isMigrated,
  migrateLatest,
  migrateRollback,
  migrationStatus,
  openDatabase,
  verifyLedger,
} from '@mgx/db'
import { type Command, CommandError } from './command.js'
import type { Config } from './config.js'

type Database = Awaited<ReturnType<typeof openDatabase>>

/** Past this the database is no ledger any more, and more lines tell nobody more. */
const MAX_DRIFTS = 10_000

export const databaseCommands: Record<string, Command> = {
  'db migrate': {
    summary: 'Run every migration that has not run yet.',
    run: (config) =>
      withDatabase(config, async (db) => {
        printNames(await migrateLatest(db), 'Ran', 'Nothing to run: the database is up to date.')
      }),
  },

  'db rollback': {
    summary: 'Take the last batch of migrations back, with the data in their tables; where there are any: --yes.',
    run: (config, { yes }) =>
      withDatabase(config, async (db) => {
        if (!yes && (await hasUsers(db))) {
          throw new CommandError(
            'This deletes the data in the tables of the last batch of migrations. Agree with --yes.',
          )
        }
        printNames(await migrateRollback(db), 'Took back', 'Nothing to take back: no migration has run.')
      }),
  },

  'db status': {
    summary: 'Say which migrations have run and which have not.',
    run: (config) => withDatabase(config, printStatus),
  },

  'db verify': {
    summary:
      'Add everything up again and print what does not agree; correct nothing. Ends with 1 if anything does not.',
    run: (config) => withDatabase(config, verify),
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

async function verify(db: Database): Promise<void> {
  if (!(await isMigrated(db))) {
    throw new CommandError('The database is behind this version. Run: mgx db migrate (pnpm db:migrate).')
  }
  const { ok, checked, drifts, hasMore } = await verifyLedger(db, { maxDrifts: MAX_DRIFTS })
  for (const drift of drifts) console.log(driftLine(drift))
  if (!ok) {
    const more = hasMore ? 'at least ' : ''
    throw new CommandError(`The books do not balance: ${more}${drifts.length} of their figures are wrong.`)
  }
  const counted = Object.entries(checked).map(([name, rows]) => `${name} ${rows}`)
  console.log(`The books balance. Checked: ${counted.join(', ')}.`)
}

function count(names: string[]): string {
  return names.length === 1 ? '1 migration' : `${names.length} migrations`
}
