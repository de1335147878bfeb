import type { Knex } from 'knex'
import { createUsers } from './20261122150000-create-users.js'
import { createProjects } from './20261122150100-create-projects.js'
import { createLedger } from './20261122150200-create-ledger.js'
import { createSessions } from './20261122150300-create-sessions.js'
import { createPrices } from './20261122150400-create-prices.js'
import { createRollups } from './20261122150500-create-rollups.js'
import { createAuditLog } from './20261122150600-create-audit-log.js'
import { orderRollups } from './20261122185000-order-rollups.js'
import { keyPrices } from './20261128030000-key-prices.js'
import { indexDueHolds } from './20261128040000-index-due-holds.js'
import type { Migration } from './migration.js'

/** Every migration by its name, oldest first. A name never changes: databases remember it. */
const index: Record<string, Migration> = {
  '20261122150000-create-users': createUsers,
  '20261122150100-create-projects': createProjects,
  '20261122150200-create-ledger': createLedger,
  '20261122150300-create-sessions': createSessions,
  '20261122150400-create-prices': createPrices,
  '20261122150500-create-rollups': createRollups,
  '20261122150600-create-audit-log': createAuditLog,
  '20261122185000-order-rollups': orderRollups,
  '20261128030000-key-prices': keyPrices,
  '20261128040000-index-due-holds': indexDueHolds,
}

/** Every migration's name, oldest first. */
export const migrationNames: readonly string[] = Object.keys(index)

/** The tables that these migrations create. */
export function tablesOf(names: readonly string[]): string[] {
  return names.flatMap((name) => index[name]?.tables ?? [])
}

/**
 * Names without a file extension, so that a database migrated from source and one from the build agree. Objects with
 * `file`, because that is what the stock `knex` command line prints of a pending migration.
 */
export const migrations: Knex.MigrationSource<{ file: string }> = {
  getMigrations: async () => migrationNames.map((file) => ({ file })),
  getMigrationName: ({ file }) => file,
  getMigration: async ({ file }) => {
    const migration = index[file]
    if (!migration) throw new Error(`unknown migration ${file}`)
    return migration
  },
}
