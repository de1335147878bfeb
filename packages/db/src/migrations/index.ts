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
import { priceRates } from './20261128050000-price-rates.js'
import { breakDownCosts } from './20261128060000-break-down-costs.js'
import { createUnknownModels } from './20261128070000-create-unknown-models.js'
import { auditCallers } from './20261128080000-audit-callers.js'
import { createIdentities } from './20261128081000-create-identities.js'
import { scopeCredentials } from './20261128082000-scope-credentials.js'
import { protectAuditLog } from './20261128090000-protect-audit-log.js'
import { createSigningKeys } from './20261128100000-create-signing-keys.js'
import { nameAdmins } from './20261128110000-name-admins.js'
import { createLedgerVerifications } from './20261128120000-create-ledger-verifications.js'
import { indexEndedHolds } from './20261129090000-index-ended-holds.js'
import type { Migration } from './migration.js'

/** All migrations by name, oldest first. Never rename one: databases record the names. */
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
  '20261128050000-price-rates': priceRates,
  '20261128060000-break-down-costs': breakDownCosts,
  '20261128070000-create-unknown-models': createUnknownModels,
  '20261128080000-audit-callers': auditCallers,
  '20261128081000-create-identities': createIdentities,
  '20261128082000-scope-credentials': scopeCredentials,
  '20261128090000-protect-audit-log': protectAuditLog,
  '20261128100000-create-signing-keys': createSigningKeys,
  '20261128110000-name-admins': nameAdmins,
  '20261128120000-create-ledger-verifications': createLedgerVerifications,
  '20261129090000-index-ended-holds': indexEndedHolds,
}

/** The names of all migrations, oldest first. */
export const migrationNames: readonly string[] = Object.keys(index)

/** Returns the tables that these migrations create. */
export function tablesOf(names: readonly string[]): string[] {
  return names.flatMap((name) => index[name]?.tables ?? [])
}

/**
 * Names have no file extension, so that a database migrated from source and one migrated from the build agree.
 * Migrations are objects with `file`, because the stock `knex` command line prints that field of pending ones.
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
