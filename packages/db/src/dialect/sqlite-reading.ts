import { existsSync, statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Knex } from 'knex'
import { SqliteReaderClient } from './sqlite-client.js'
import { lockFileOf } from './sqlite-locks.js'
import { LOCK_MILLISECONDS } from './time-limits.js'

/** Whether there is no database in this file; then `traces` are the files beside it that only a database leaves. */
export function absence(filename: string): { traces: string[] } | undefined {
  const size = statSync(filename, { throwIfNoEntry: false })?.size
  // A database that was only opened has a header already. Without traces an empty file is an empty database.
  if (size !== undefined && size > 0) return undefined
  const traces = [`${filename}-wal`, lockFileOf(filename)].filter((file) => existsSync(file))
  return size === undefined || traces.length > 0 ? { traces } : undefined
}

/**
 * How Knex reaches a SQLite file to read it and leave it, and the folder, as they are. Who reads a write-ahead log makes
 * one where there is none, and needs the right to write to take it away again; where there is one, that right would end
 * in a checkpoint.
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
