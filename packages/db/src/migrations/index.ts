import type { Knex } from 'knex'
import { createUsers } from './20261122150000-create-users.js'
import { createProjects } from './20261122150100-create-projects.js'
import { createLedger } from './20261122150200-create-ledger.js'
import { createSessions } from './20261122150300-create-sessions.js'
import { createPrices } from './20261122150400-create-prices.js'
import { createRollups } from './20261122150500-create-rollups.js'
import { createAuditLog } from './20261122150600-create-audit-log.js'
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
}

/** Names without a file extension, so that a database migrated from source and one from the build agree. */
export const migrations: Knex.MigrationSource<string> = {
  getMigrations: async () => Object.keys(index),
  getMigrationName: (name) => name,
  getMigration: async (name) => {
    const migration = index[name]
    if (!migration) throw new Error(`unknown migration ${name}`)
    return migration
  },
}
