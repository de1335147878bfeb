import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DomainError } from '@mgx/contract'
import knex, { type Knex } from 'knex'
import { type Allowances, type DatabaseState, damagedState, missingState, readState } from './database-state.js'
import { type DatabaseAddress, readDatabaseUrl } from './database-url.js'
import { postgres } from './dialect/postgres.js'
import { postgresConfig } from './dialect/postgres-connection.js'
import { sqlite } from './dialect/sqlite.js'
import { sqliteConfig } from './dialect/sqlite-connection.js'
import { absence, sqliteReaderConfig } from './dialect/sqlite-reading.js'
import { driverMessage, isDamage } from './errors.js'
import { withSettings } from './knex-settings.js'

export type DatabaseOptions = {
  /** Maximum number of PostgreSQL connections. Ignored for SQLite. */
  poolMax?: number
}

const READER_POOL = 2

/**
 * Returns the Knex configuration for a database URL, and creates the folder of a SQLite file.
 * @throws DomainError `invalid_input` for a malformed URL.
 */
export function knexConfig(url: string, { poolMax = 10 }: DatabaseOptions = {}): Knex.Config {
  const address = readDatabaseUrl(url)
  if (address.kind === 'postgres') return withSettings(postgres, postgresConfig(address.connectionString, poolMax))
  mkdirSync(dirname(address.filename), { recursive: true, mode: 0o700 })
  return withSettings(sqlite, sqliteConfig(address.filename))
}

/**
 * Opens a database and makes one round trip. Creates a missing SQLite file. The caller closes it with `destroy()`.
 * @throws DomainError `invalid_input` for a malformed URL, `unavailable` when the database cannot be reached.
 */
export async function openDatabase(url: string, options?: DatabaseOptions): Promise<Knex> {
  return open(knex(knexConfig(url, options)))
}

/**
 * Opens a database read-only: writes nothing, not even a file beside it. The caller closes it with `destroy()`.
 * @throws DomainError as `openDatabase` does, and when there is no database.
 */
export async function openReadOnly(url: string): Promise<Knex> {
  return open(knex(readerConfig(readDatabaseUrl(url))))
}

/**
 * Returns the state of a database. Only reads, so it is safe while other processes use the database.
 * @throws DomainError as `openDatabase` does.
 */
export async function databaseState(url: string, allowances: Allowances = {}): Promise<DatabaseState> {
  const address = readDatabaseUrl(url)
  const absent = address.kind === 'sqlite' && absence(address.filename)
  if (absent) return missingState(address.filename, absent.traces, allowances)
  const db = knex(readerConfig(address))
  try {
    return await readState(db, allowances)
  } catch (error) {
    if (isDamage(db, error)) return damagedState(error)
    throw cannotOpen(error)
  } finally {
    await db.destroy()
  }
}

function readerConfig(address: DatabaseAddress): Knex.Config {
  return address.kind === 'sqlite'
    ? withSettings(sqlite, sqliteReaderConfig(address.filename))
    : withSettings(postgres, postgresConfig(address.connectionString, READER_POOL))
}

async function open(db: Knex): Promise<Knex> {
  try {
    await db.raw('SELECT 1')
    return db
  } catch (error) {
    await db.destroy()
    throw cannotOpen(error)
  }
}

function cannotOpen(error: unknown): DomainError {
  return new DomainError('unavailable', `the database cannot be opened: ${driverMessage(error)}`, undefined, {
    cause: error,
  })
}
