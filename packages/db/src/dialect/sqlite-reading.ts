import { existsSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Knex } from 'knex'
import { SqliteReaderClient } from './sqlite-client.js'
import { lockFileOf } from './sqlite-locks.js'
import { LOCK_MILLISECONDS } from './time-limits.js'

/** Returns undefined when this file has a database; otherwise `traces`, files beside it that only a database leaves. */
export function absence(filename: string): { traces: string[] } | undefined {
  const size = statSync(filename, { throwIfNoEntry: false })?.size
  // Opening a database already writes a header. An empty file without traces counts as an empty database.
  if (size !== undefined && size > 0) return undefined
  const traces = [`${filename}-wal`, lockFileOf(filename)].filter((file) => existsSync(file))
  return size === undefined || traces.length > 0 ? { traces } : undefined
}

/**
 * Returns the Knex configuration for reading a SQLite file without changing it or its folder. Without a write-ahead
 * log, a reader creates one and needs write access to remove it again; with one, write access would cause a checkpoint
 * on close.
 */
export function sqliteReaderConfig(filename: string): Knex.Config {
  const mode = existsSync(`${filename}-wal`) ? 'ro' : 'rw'
  return {
    client: SqliteReaderClient,
    connection: { filename: `${pathToFileURL(filename).href}?mode=${mode}`, flags: ['OPEN_URI'] },
    useNullAsDefault: true,
    pool: { min: 1, max: 1, afterCreate },
  }
}

type Connection = { exec(sql: string, done: (error: Error | null) => void): void }

function afterCreate(connection: Connection, done: (error: Error | null, connection: Connection) => void) {
  connection.exec(`PRAGMA busy_timeout = ${LOCK_MILLISECONDS}; PRAGMA query_only = ON`, (error) =>
    done(error, connection),
  )
}
