import { DomainError } from '@mgx/contract'
import knex, { type Knex } from 'knex'
import { knexSnakeCaseMappers } from 'objection'
import pg from 'pg'
import { readDatabaseUrl } from './database-url.js'
import { SqliteClient } from './dialect/sqlite-client.js'
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
  const shared = {
    ...knexSnakeCaseMappers(),
    migrations: { migrationSource: migrations, tableName: 'knex_migrations' },
    acquireConnectionTimeout: 10_000,
    // Errors carry placeholders, for values may be secret; and they reach the caller, so nothing goes to the console.
    compileSqlOnError: false,
    log: { warn() {}, error() {} },
  }
  if (address.kind === 'sqlite') {
    return {
      ...shared,
      client: SqliteClient,
      connection: { filename: address.filename },
      useNullAsDefault: true,
      pool: { min: 1, max: 1, afterCreate: prepareSqlite },
    }
  }
  return {
    ...shared,
    client: 'pg',
    connection: {
      connectionString: address.connectionString,
      application_name: 'mgx',
      connectionTimeoutMillis: 5_000,
      statement_timeout: 30_000,
      types: { getTypeParser },
    } as Knex.PgConnectionConfig,
    pool: { min: 0, max: poolMax },
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
    throw new DomainError('unavailable', `the database cannot be opened: ${describe(error)}`, undefined, {
      cause: error,
    })
  }
}

/** Node's connection errors to a name with several addresses come as an AggregateError with an empty message. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ')
  return error instanceof Error ? error.message : String(error)
}

type SqliteConnection = { exec(sql: string, done: (error: Error | null) => void): void }

function prepareSqlite(
  connection: SqliteConnection,
  done: (error: Error | null, connection: SqliteConnection) => void,
) {
  const pragmas =
    'PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;'
  connection.exec(pragmas, (error) => done(error, connection))
}

const { builtins } = pg.types

/** Integers as numbers (every stored one is at most 2^53), instants as ISO-8601 UTC with milliseconds, days as written. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === builtins.INT8) return Number
  if (oid === builtins.TIMESTAMPTZ) return (text: string) => new Date(text).toISOString()
  if (oid === builtins.DATE) return String
  return pg.types.getTypeParser(oid, format)
}
