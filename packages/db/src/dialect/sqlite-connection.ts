import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers'
import type { Knex } from 'knex'
import type { DriverError } from './dialect.js'
import { SqliteClient } from './sqlite-client.js'
import { LOCK_MILLISECONDS } from './time-limits.js'

/** Returns the Knex configuration for a SQLite file: one connection, which flushes every commit to disk. */
export function sqliteConfig(filename: string): Knex.Config {
  return {
    client: SqliteClient,
    connection: { filename },
    useNullAsDefault: true,
    pool: { min: 1, max: 1, afterCreate: prepare },
  }
}

type Connection = {
  exec(sql: string, done: (error: DriverError | null) => void): void
  get(sql: string, done: (error: DriverError | null, row?: { isForeign: number }) => void): void
}

/** Whether the file has another program's tables, such as the predecessor's. It is then not changed in any way. */
const IS_FOREIGN = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table')
  AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'knex_migrations') AS isForeign`

const PAUSE_MILLISECONDS = 50

const PRAGMAS = `PRAGMA busy_timeout = ${LOCK_MILLISECONDS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;`

function prepare(
  connection: Connection,
  done: (error: Error | null, connection: Connection) => void,
  until = performance.now() + LOCK_MILLISECONDS,
) {
  const end = (error: DriverError | null) => {
    // Processes that open a new file at once all switch it to WAL, and SQLite's busy timeout does not cover that.
    if (error?.code !== 'SQLITE_BUSY' || performance.now() > until) done(error, connection)
    else setTimeout(prepare, PAUSE_MILLISECONDS, connection, done, until)
  }
  connection.get(IS_FOREIGN, (error, row) => {
    if (error) end(error)
    else if (row?.isForeign) end(new Error('it holds the tables of another program'))
    else connection.exec(PRAGMAS, end)
  })
}
