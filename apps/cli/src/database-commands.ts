import {
  type DatabaseState,
  driftLine,
  hasUsers,
  migrateLatest,
  migrateRollback,
  openDatabase,
  openReadOnly,
  verifyLedger,
} from '@mgx/db'
import { type Command, CommandError } from './command.js'
import {
  type Database,
  MIGRATE,
  named,
  requireCurrent,
  requireDatabase,
  usableState,
  withDatabase,
} from './database-access.js'

/** With this many drifts the database is beyond repair, so more lines would not help. */
const MAX_DRIFTS = 10_000

export const databaseCommands: Record<string, Command> = {
  'db migrate': {
    summary: 'Run all pending migrations.',
    yes: 'migrate a database that a server is using',
    run: (config, { yes }) =>
      named(async () => {
        await usableState(config)
        const names = await withDatabase(openDatabase(config.databaseUrl, { poolMax: 2 }), (db) =>
          migrateLatest(db, { ...config, whileServed: yes }),
        )
        printNames(names, 'Ran', 'Nothing to run: the database is up to date.')
      }),
  },

  'db rollback': {
    summary: 'Roll back the last batch of migrations, and delete the data in its tables.',
    yes: 'delete that data, even while a server is using the database',
    run: (config, { yes }) =>
      named(async () => {
        requireDatabase(await usableState(config))
        const names = await withDatabase(openDatabase(config.databaseUrl, { poolMax: 2 }), async (db) => {
          if (!yes && (await hasUsers(db))) {
            throw new CommandError(
              'This deletes the data in the tables of the last batch of migrations. Confirm with --yes.',
            )
          }
          return migrateRollback(db, { ...config, whileServed: yes })
        })
        printNames(names, 'Rolled back', 'Nothing to roll back: no migration has run.')
      }),
  },

  'db status': {
    summary:
      'Print which migrations have run and which are pending; write nothing. Exits with 1 if there is no database.',
    run: (config) => named(async () => printStatus(await usableState(config))),
  },

  'db verify': {
    summary: 'Recompute all totals and print those that do not match; write nothing. Exits with 1 if any do not match.',
    run: (config) =>
      named(async () => {
        requireCurrent(await usableState(config))
        await withDatabase(openReadOnly(config.databaseUrl), verify)
      }),
  },
}

function printNames(names: string[], did: string, nothing: string): void {
  console.log(names.length === 0 ? nothing : `${did} ${count(names)}:\n${names.map((name) => `  ${name}`).join('\n')}`)
}

function printStatus(state: DatabaseState): void {
  const { completed, pending } = state
  for (const name of completed) console.log(`done     ${name}`)
  for (const name of pending) console.log(`pending  ${name}`)
  requireDatabase(state)
  console.log(
    pending.length === 0 ? 'The database is up to date.' : `${count(pending)} still to run. To run them: ${MIGRATE}.`,
  )
}

async function verify(db: Database): Promise<void> {
  const { ok, checked, drifts, hasMore } = await verifyLedger(db, { maxDrifts: MAX_DRIFTS })
  for (const drift of drifts) console.log(driftLine(drift))
  if (!ok) {
    const more = hasMore ? 'at least ' : ''
    throw new CommandError(`The books do not balance: ${more}${drifts.length} figures are wrong.`)
  }
  const counted = Object.entries(checked).map(([name, rows]) => `${name} ${rows}`)
  console.log(`The books balance. Checked: ${counted.join(', ')}.`)
}

function count(names: readonly string[]): string {
  return names.length === 1 ? '1 migration' : `${names.length} migrations`
}
