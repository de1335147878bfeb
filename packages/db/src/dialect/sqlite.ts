import knex, { type Knex } from 'knex'
import type { Dialect, Statement } from './dialect.js'
import { SqliteClient } from './sqlite-client.js'

const NOW = `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`
const UNAVAILABLE = new Set(['SQLITE_BUSY', 'SQLITE_CANTOPEN', 'SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_LOCKED', 'SQLITE_READONLY'])
const MIGRATION_LOCK_MILLISECONDS = 60_000

export const sqlite: Dialect = {
  name: 'sqlite',

  types: {
    id: 'INTEGER PRIMARY KEY AUTOINCREMENT',
    integer: 'INTEGER',
    text: 'TEXT',
    instant: 'TEXT',
    day: 'TEXT',
    json: 'TEXT',
    tableSuffix: 'STRICT',
  },

  now: NOW,
  later: `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ? || ' seconds')`,

  // BEGIN IMMEDIATE holds the whole file already.
  lockRows: () => '',

  rows(alias, columns, rows) {
    const cells = Object.keys(columns).map((name, index) => `value ->> ${index} AS ${name}`)
    return {
      sql: `(SELECT ${cells.join(', ')}, key AS ordinal FROM json_each(?)) AS ${alias}`,
      bindings: [JSON.stringify(rows)],
    }
  },

  async runTogether(trx, first, ...others) {
    const [answer] = [await run(trx, first)]
    for (const statement of others) await run(trx, statement)
    return answer
  },

  // A file beside the database, because the migrations need the database's own lock; the kernel frees it with the process.
  async withMigrationLock(db, work) {
    const { filename } = db.client.connectionSettings as { filename: string }
    if (filename === ':memory:') return work()
    const lock = knex({ client: SqliteClient, connection: { filename: `${filename}.migrating` }, useNullAsDefault: true })
    try {
      await lock.raw(`PRAGMA busy_timeout = ${MIGRATION_LOCK_MILLISECONDS}`)
      await lock.raw('BEGIN EXCLUSIVE')
      return await work()
    } finally {
      await lock.destroy()
    }
  },

  isUnavailable: (error) => UNAVAILABLE.has(error.code ?? ''),
}

function run(trx: Knex.Transaction, { sql, bindings }: Statement): Promise<Record<string, unknown>[]> {
  return trx.raw(sql, bindings as Knex.RawBinding[])
}
