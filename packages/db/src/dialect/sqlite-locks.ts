import { existsSync, realpathSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { DomainError } from '@mgx/contract'
import knex, { type Knex } from 'knex'
import SqliteKnexClient from 'knex/lib/dialects/sqlite3/index.js'
import type { DriverError } from './dialect.js'
import { ENDING_MILLISECONDS, type MigrationWork, type Release } from './migration-lock.js'

const MIGRATION_MILLISECONDS = 60_000
const PAUSE_MILLISECONDS = 100

/**
 * Returns the path of the lock file of a database file. A server holds a read lock on it, a migration the write lock.
 * It is a separate file because migrations need the database's own locks. The kernel releases the locks when a process
 * dies. The file is never deleted, so it also shows that there was a database.
 */
export function lockFileOf(filename: string): string {
  return `${existsSync(filename) ? realpathSync(filename) : filename}.migrating`
}

export async function withMigrationLock<Result>(db: Knex, work: MigrationWork<Result>): Promise<Result> {
  if (isInMemory(db)) return work(db, async () => true)
  const lock = openLock(db)
  try {
    const begin = async () => {
      await lock.raw('PRAGMA journal_mode = MEMORY')
      await lock.raw('BEGIN IMMEDIATE')
    }
    if (!(await insist(MIGRATION_MILLISECONDS, begin))) throw stillMigrating()
    return await work(db, async () => {
      // The write lock allows readers. Committing a write needs exclusive access, which this mode then keeps.
      await lock.raw('PRAGMA locking_mode = EXCLUSIVE')
      await lock.raw('PRAGMA user_version = 1')
      return insist(ENDING_MILLISECONDS, () => lock.raw('COMMIT'))
    })
  } finally {
    await lock.destroy()
  }
}

export async function holdServing(db: Knex): Promise<Release> {
  if (isInMemory(db)) return async () => {}
  const lock = openLock(db)
  try {
    await lock.raw('BEGIN')
    const read = () => lock.raw('SELECT COUNT(*) FROM sqlite_master')
    if (!(await insist(MIGRATION_MILLISECONDS, read))) throw stillMigrating()
    return () => lock.destroy()
  } catch (error) {
    await lock.destroy()
    throw error
  }
}

function isInMemory({ client }: Knex): boolean {
  return client.connectionSettings.filename === ':memory:'
}

function openLock({ client }: Knex): Knex {
  return knex({
    client: SqliteKnexClient,
    connection: { filename: lockFileOf(client.connectionSettings.filename) },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      // SQLite's own busy wait blocks a thread that the lock's holder may need.
      afterCreate(connection: { configure(option: 'busyTimeout', value: number): void }, done: () => void) {
        connection.configure('busyTimeout', 0)
        done()
      },
    },
    log: { warn() {}, error() {} },
  })
}

/** Retries while another process holds the lock; returns false when it still does after that time. */
async function insist(milliseconds: number, attempt: () => Promise<unknown>): Promise<boolean> {
  const until = performance.now() + milliseconds
  for (;;) {
    try {
      await attempt()
      return true
    } catch (error) {
      if ((error as DriverError).code !== 'SQLITE_BUSY') throw error
      if (performance.now() > until) return false
    }
    await sleep(PAUSE_MILLISECONDS)
  }
}

function stillMigrating(): DomainError {
  return new DomainError('unavailable', 'another process has been migrating the database for a minute')
}
