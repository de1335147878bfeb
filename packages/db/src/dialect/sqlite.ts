import { statSync } from 'node:fs'
import knex, { type Knex } from 'knex'
import { abortable, ascending, connectionsOf, type Dialect, HALF, type Statement } from './dialect.js'
import { keptStatement, SqliteReaderClient } from './sqlite-client.js'
import { holdServing, withMigrationLock } from './sqlite-locks.js'
import { hasRoom } from './sqlite-room.js'

const NOW = `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`
const REFUSED_ROW = new Set(['SQLITE_CONSTRAINT', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG'])
const DAMAGE = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB'])
const UNAVAILABLE = new Set([
  'SQLITE_BUSY',
  'SQLITE_CANTOPEN',
  'SQLITE_FULL',
  'SQLITE_IOERR',
  'SQLITE_LOCKED',
  'SQLITE_NOMEM',
  'SQLITE_PROTOCOL',
  'SQLITE_READONLY',
  'SQLITE_READONLY_DBMOVED',
])

export const sqlite: Dialect = {
  name: 'sqlite',
  // There is one connection for reads and one for writes.
  callsPerUser: 1,
  hasSchemas: false,

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
  clock: NOW,
  later: `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ? || ' seconds')`,

  // Columns already use the BINARY collation: UTF-8 bytes, which sort like code points.
  byCodePoint: '',
  like: (text) => `${text} LIKE ? ESCAPE '!'`,
  dayOf: (instant) => `substr(${instant}, 1, 10)`,
  // Sums the upper and lower halves separately, because an integer sum past 2^63 is an error.
  exactSum: (expression) =>
    `CAST(SUM(${expression} / ${HALF}) AS TEXT) || ' ' || CAST(SUM(${expression} % ${HALF}) AS TEXT)`,
  comparableSum: (expression) => `(SUM(${expression} / ${HALF}) * ${HALF} + SUM(${expression} % ${HALF}))`,

  // BEGIN IMMEDIATE has already locked the whole file.
  lockRows: () => '',
  lockFreeRows: () => '',
  lockTable: async () => {},

  rows(alias, columns, rows) {
    const cells = Object.keys(columns).map((name, index) => `value ->> ${index} AS ${name}`)
    return {
      // Not json_each, which returns rows as text that is parsed again for every cell.
      sql: `(SELECT ${cells.join(', ')}, key AS ordinal FROM jsonb_each(?)) AS ${alias}`,
      bindings: [JSON.stringify(rows)],
    }
  },

  versionTriggers(table, versions) {
    const changes = ['insert', 'update', 'delete']
    return {
      create: changes.map(
        (change) => `CREATE TRIGGER ${table}_version_on_${change} AFTER ${change} ON ${table}
          BEGIN UPDATE ${versions} SET version = version + 1; END`,
      ),
      drop: changes.map((change) => `DROP TRIGGER ${table}_version_on_${change}`),
    }
  },

  appendOnlyTriggers(table) {
    const refused = {
      update: `UPDATE ON ${table}`,
      delete: `DELETE ON ${table}`,
      // INSERT OR REPLACE deletes the old row without a DELETE. An id that is not given reads as -1.
      replace: `INSERT ON ${table} WHEN NEW.id > 0 AND EXISTS (SELECT 1 FROM ${table} WHERE id = NEW.id)`,
    }
    return {
      create: Object.entries(refused).map(
        ([change, event]) => `CREATE TRIGGER ${table}_refuse_${change} BEFORE ${event}
          BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`,
      ),
      drop: Object.keys(refused).map((change) => `DROP TRIGGER ${table}_refuse_${change}`),
    }
  },

  tableNames: `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
  program: `'SQLite ' || sqlite_version()`,
  identity: 'SELECT CAST(migration_time AS TEXT) AS identity FROM knex_migrations ORDER BY id LIMIT 1',

  query,

  async runTogether(trx, { inserts, others, afterwards }) {
    const written = await Promise.all(
      [...inserts, ...others, ...afterwards].map((each) => query<{ id: number }>(trx, each)),
    )
    return written.slice(0, inserts.length).map(ascending)
  },

  readThenWrite: (db, work) => db.transaction(work),

  withMigrationLock,
  holdServing,

  // The client's own transactions begin IMMEDIATE and would block writers; in WAL mode a plain one does not.
  async withSnapshots(db, work, signal) {
    const { connectionSettings: connection } = db.client
    if (connection.filename === ':memory:') return work((read) => db.transaction(read))
    // Fails when the open file was moved, deleted or replaced.
    await db.raw('SELECT 1')
    const reader = knex({ ...db.client.config, client: SqliteReaderClient, connection })
    const interrupt = (opened: unknown) => (opened as { interrupt(): void }).interrupt()
    try {
      return await work(abortable((read) => reader.transaction(read), interrupt, signal))
    } finally {
      await reader.destroy()
    }
  },

  connections: ({ client }) => connectionsOf([client.pool, client.reading?.pool.pool]),

  isWritable: hasRoom,

  async storage(db) {
    const [row] = await db.raw('SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()')
    const log = statSync(`${db.client.connectionSettings.filename}-wal`, { throwIfNoEntry: false })
    return { bytes: row.bytes, logBytes: log?.size ?? 0, oldestTransactionSeconds: null }
  },

  isRefusedRow: ({ code = '' }) => REFUSED_ROW.has(code),

  isDamage: ({ code = '' }) => DAMAGE.has(code),

  isUnavailable: (error) => UNAVAILABLE.has(error.code ?? ''),
}

async function query<Row>(trx: Knex.Transaction, { sql, bindings }: Statement): Promise<Row[]> {
  const rows: unknown = await trx.raw(sql, bindings as Knex.RawBinding[]).options(keptStatement)
  return rows as Row[]
}
