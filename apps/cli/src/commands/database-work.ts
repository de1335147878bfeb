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
import { wrongFigures } from '../doctor/wrong-figures.js'
import { CommandError } from '../exit-code.js'
import type { Io } from '../io.js'
import {
  type Database,
  type DatabaseConfig,
  databaseConfig,
  MIGRATE,
  named,
  requireCurrent,
  requireDatabase,
  usableState,
  withDatabase,
} from './database-access.js'

/** With this many drifts the database is beyond repair, so more lines would not help. */
const MAX_DRIFTS = 10_000

/** What a command on the database is given; `yes` confirms what it does not do by default. */
type Given = { io: Io; config: DatabaseConfig; yes: boolean }

const works: Record<'migrate' | 'rollback' | 'status' | 'verify', (given: Given) => Promise<void>> = {
  async migrate({ io, config, yes }) {
    await usableState(config)
    const names = await withDatabase(openDatabase(config.databaseUrl, { poolMax: 2 }), (db) =>
      migrateLatest(db, { ...config, whileServed: yes }),
    )
    await printNames(io, names, 'Ran', 'Nothing to run: the database is up to date.')
  },

  async rollback({ io, config, yes }) {
    requireDatabase(await usableState(config))
    const names = await withDatabase(openDatabase(config.databaseUrl, { poolMax: 2 }), async (db) => {
      if (!yes && (await hasUsers(db))) {
        throw new CommandError(
          'This deletes the data in the tables of the last batch of migrations. Confirm with --yes.',
        )
      }
      return migrateRollback(db, { ...config, whileServed: yes })
    })
    await printNames(io, names, 'Rolled back', 'Nothing to roll back: no migration has run.')
  },

  status: async ({ io, config }) => printStatus(io, await usableState(config)),

  async verify({ io, config }) {
    requireCurrent(await usableState(config))
    await withDatabase(openReadOnly(config.databaseUrl), (db) => verify(io, db))
  },
}

/** Does the work of a command such as `db migrate`. @throws CommandError when it cannot. */
export const runDatabaseWork = (io: Io, name: keyof typeof works, { yes }: { yes: boolean }): Promise<undefined> =>
  named(() => works[name]({ io, config: databaseConfig(io), yes }))

async function printNames(io: Io, names: string[], did: string, nothing: string): Promise<void> {
  const lines = names.length === 0 ? [nothing] : [`${did} ${count(names)}:`, ...names.map((name) => `  ${name}`)]
  await printLines(io, lines)
}

async function printStatus(io: Io, state: DatabaseState): Promise<void> {
  const { completed, pending } = state
  await printLines(io, [...completed.map((name) => `done     ${name}`), ...pending.map((name) => `pending  ${name}`)])
  requireDatabase(state)
  await printLines(io, [
    pending.length === 0 ? 'The database is up to date.' : `${count(pending)} still to run. To run them: ${MIGRATE}.`,
  ])
}

async function verify(io: Io, db: Database): Promise<void> {
  const verification = await verifyLedger(db, { maxDrifts: MAX_DRIFTS })
  await printLines(io, verification.drifts.map(driftLine))
  if (!verification.ok) throw new CommandError(`The books do not balance: ${wrongFigures(verification)}.`)
  const counted = Object.entries(verification.checked).map(([name, rows]) => `${name} ${rows}`)
  await printLines(io, [`The books balance. Checked: ${counted.join(', ')}.`])
}

const printLines = (io: Io, lines: readonly string[]): Promise<void> =>
  io.stdout.write(lines.map((line) => `${line}\n`).join(''))

function count(names: readonly string[]): string {
  return names.length === 1 ? '1 migration' : `${names.length} migrations`
}
