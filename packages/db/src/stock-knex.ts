import type { Knex } from 'knex'
import { databaseState, knexConfig } from './database.js'
import { readDatabaseVariables } from './database-variables.js'
import { requireUnserved } from './migrate.js'

/**
 * Returns the configuration for the stock `knex` command line. It follows the same rules as `mgx db`: it does not touch
 * a database that must not be migrated or that a server uses.
 * @throws Error that says what to do instead.
 */
export async function stockKnexConfig(env: NodeJS.ProcessEnv, args: string[]): Promise<Knex.Config> {
  if (args.includes('migrate:make')) {
    throw new Error(`a file created by knex would never run. Write packages/db/src/migrations/${today()}-<name>.ts \
like the others there, and add it to index.ts`)
  }
  const { databaseUrl, ...allowances } = readDatabaseVariables(env)
  const { problem } = await databaseState(databaseUrl, allowances)
  if (problem !== undefined) throw new Error(`DATABASE_URL: ${problem}`)
  const config = knexConfig(databaseUrl)
  // Knex calls `beforeAll` before the first migration in either direction, but its types lack it.
  const migrations = { ...config.migrations, beforeAll: requireUnserved }
  return { ...config, migrations }
}

function today(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/\D/g, '')
}
