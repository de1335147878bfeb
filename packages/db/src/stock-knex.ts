import type { Knex } from 'knex'
import { databaseState, knexConfig } from './database.js'
import { readDatabaseVariables } from './database-variables.js'
import { requireUnserved } from './migrate.js'

/**
 * The configuration for the stock `knex` command line, which is held to what `mgx db` is: it touches no database that is
 * not one to migrate, and none that a server uses.
 * @throws Error that says what to do instead.
 */
export async function stockKnexConfig(env: NodeJS.ProcessEnv, args: string[]): Promise<Knex.Config> {
  if (args.includes('migrate:make')) {
    throw new Error(`nothing would run the file that knex makes. Write packages/db/src/migrations/${today()}-<name>.ts, \
as the others there are written, and add it to index.ts beside them`)
  }
  const { databaseUrl, ...allowances } = readDatabaseVariables(env)
  const { problem } = await databaseState(databaseUrl, allowances)
  if (problem !== undefined) throw new Error(`DATABASE_URL: ${problem}`)
  const config = knexConfig(databaseUrl)
  // Knex calls it before the first migration, in either direction; its types do not know it.
  const migrations = { ...config.migrations, beforeAll: requireUnserved }
  return { ...config, migrations }
}

function today(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/\D/g, '')
}
