import type { Database, SqlValue, Statement } from 'sql.js'

type Done<Rows = void> = (this: Written, error: Error | null, rows?: Rows) => void
type Written = { lastID: number; changes: number }
type Row = Record<string, SqlValue>

/** A connection with the callback methods of node-sqlite3 that Knex uses. */
export type WasmConnection = {
  run(sql: string, bindings: unknown, done: Done): void
  all(sql: string, bindings: unknown, done: Done<Row[]>): void
  exec(sql: string, done: Done): void
  prepare(sql: string, done: Done): { all(bindings: unknown, done: Done<Row[]>): void; finalize(): void }
  close(done: Done): void
  /** Returns the database as the bytes of its file. */
  export(): Uint8Array
}

/** The codes that the dialect distinguishes; other names do not matter. */
const codes: Record<number, string> = {
  5: 'SQLITE_BUSY',
  7: 'SQLITE_NOMEM',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  18: 'SQLITE_TOOBIG',
  19: 'SQLITE_CONSTRAINT',
  20: 'SQLITE_MISMATCH',
  26: 'SQLITE_NOTADB',
}

/**
 * Wraps a sql.js database as a node-sqlite3 connection; errors carry their code, also in the message. The SQL functions
 * `mgx_now()` and `mgx_later(seconds)` use the clock `now` (milliseconds since 1970) as it was when a statement began.
 */
export function wasmConnection(database: Database, now: () => number): WasmConnection {
  let lastCode = 0
  // Fixed during a statement, like SQLite's own clock, so two columns of a row get the same instant.
  let statementTime = now()
  const instant = (milliseconds: number) => new Date(milliseconds).toISOString()
  database.create_function('mgx_now', () => instant(statementTime))
  database.create_function('mgx_later', (seconds: number) => instant(statementTime + seconds * 1_000))
  // The types omit its parameter, the result code.
  const handle = database.handleError as (code: number) => null
  const handleError = (code: number) => {
    lastCode = code & 0xff
    return handle.call(database, code)
  }
  Object.assign(database, { handleError })
  const rowIdStatement = database.prepare('SELECT last_insert_rowid()')
  const lastRowId = () => {
    rowIdStatement.step()
    const [id] = rowIdStatement.get()
    rowIdStatement.reset()
    return Number(id)
  }

  function answer<Rows>(done: Done<Rows>, work: () => Rows): void {
    let rows: Rows
    lastCode = 0
    statementTime = now()
    try {
      rows = work()
    } catch (error) {
      done.call({ lastID: 0, changes: 0 }, withCode(error, lastCode))
      return
    }
    done.call({ lastID: lastRowId(), changes: database.getRowsModified() }, null, rows)
  }

  function withStatement<Result>(sql: string, use: (statement: Statement) => Result): Result {
    const statement = database.prepare(sql)
    try {
      return use(statement)
    } finally {
      statement.free()
    }
  }

  return {
    run: (sql, bindings, done) =>
      answer(done, () => void withStatement(sql, (statement) => rowsOf(statement, bindings))),
    all: (sql, bindings, done) => answer(done, () => withStatement(sql, (statement) => rowsOf(statement, bindings))),
    exec: (sql, done) => answer(done, () => void database.exec(sql)),
    prepare(sql, done) {
      let statement: Statement | undefined
      answer(done, () => {
        statement = database.prepare(sql)
      })
      return {
        all: (bindings, finished) => {
          const prepared = statement
          if (prepared) answer(finished, () => rowsOf(prepared, bindings))
        },
        finalize: () => void statement?.free(),
      }
    },
    export: () => database.export(),
    close: (done) => {
      database.close()
      done.call({ lastID: 0, changes: 0 }, null)
    },
  }
}

function rowsOf(statement: Statement, bindings: unknown): Row[] {
  const rows: Row[] = []
  try {
    statement.bind(Array.isArray(bindings) ? bindings.map(bound) : null)
    while (statement.step()) rows.push(statement.getAsObject())
  } finally {
    statement.reset()
  }
  return rows
}

/** Converts values as node-sqlite3 does. */
function bound(value: unknown): SqlValue {
  if (value === undefined) return null
  if (typeof value === 'boolean') return Number(value)
  return value instanceof Date ? value.getTime() : (value as SqlValue)
}

function withCode(error: unknown, code: number): Error {
  const name = codes[code] ?? 'SQLITE_ERROR'
  const { message } = error instanceof Error ? error : new Error(String(error))
  return Object.assign(new Error(`${name}: ${message}`), { code: name, errno: code })
}
