import { DomainError } from '@mgx/contract'
import knex, { type Knex } from 'knex'
import { knexSnakeCaseMappers } from 'objection'
import { readDatabaseUrl } from './database-url.js'
import { postgresConfig } from './dialect/postgres-connection.js'
import { sqliteConfig } from './dialect/sqlite-connection.js'
import { ACQUIRE_MILLISECONDS } from './dialect/time-limits.js'
import { driverMessage } from './errors.js'
import { migrations } from './migrations/index.js'

export type DatabaseOptions = {
  /** Connections to PostgreSQL at the most; SQLite always has one. */
  poolMax?: number
}

/**
 * The Knex configuration for a database URL, also for the stock `knex` command line.
 * @throws DomainError `invalid_input` when the URL cannot be read.
 */
export function knexConfig(url: string, { poolMax = 10 }: DatabaseOptions = {}): Knex.Config {
  const address = readDatabaseUrl(url)
  return {
    ...(address.kind === 'sqlite' ? sqliteConfig(address.filename) : postgresConfig(address.connectionString, poolMax)),
    ...knexSnakeCaseMappers(),
    migrations: { migrationSource: migrations, tableName: 'knex_migrations' },
    acquireConnectionTimeout: ACQUIRE_MILLISECONDS,
    // Errors carry placeholders, for values may be secret; and they reach the caller, so nothing goes to the console.
    compileSqlOnError: false,
    log: { warn() {}, error() {} },
  }
}

/**
 * Opens a database and makes one round trip to it. The caller ends it with `destroy()`.
 * @throws DomainError `invalid_input` when the URL cannot be read, `unavailable` when the database does not answer.
 */
export async function openDatabase(url: string, options?: DatabaseOptions): Promise<Knex> {
  const db = knex(knexConfig(url, options))
  try {
    await db.raw('SELECT 1')
    return db
  } catch (error) {
    await db.destroy()
    throw new DomainError('unavailable', `the database cannot be opened: ${driverMessage(error)}`, undefined, {
      cause: error,
    })
  }
}
