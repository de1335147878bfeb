import type { Knex } from 'knex'
import SqliteTransaction from 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js'
import SqliteKnexClient from 'knex/lib/dialects/sqlite3/index.js'
import { failedBefore, type GuardedConnection, guarded, type OpenTransaction } from './guarded-transaction.js'
import { openedFile, type SqliteFile } from './sqlite-file.js'
import { LOCK_MILLISECONDS } from './time-limits.js'

/** Options for a statement that runs often with the same text, so it is kept compiled. */
export const keptStatement: { isKept: true } = { isKept: true }

type Done = (error: Error | null, rows?: unknown) => void
type Statement = { all(bindings: unknown, done: Done): void; finalize(): void }
type Connection = GuardedConnection & {
  prepare(sql: string, done: Done): Statement
  exec(sql: string, done: Done): void
  kept?: Map<string, Statement>
  file?: SqliteFile | undefined
}
type Query = { sql: string; bindings?: unknown; options?: { isKept?: true }; response?: unknown }

const Transaction = guarded(SqliteTransaction, {
  commit: { sql: 'COMMIT', options: keptStatement },
  requireCommitted: (_, connection) => (connection as Connection).file?.requireInPlace(),
  // SQLite rolls back by itself when the disk is full, on I/O errors, and when memory runs out.
  isClosedAfter: (statement, { message }) =>
    statement === 'BEGIN' ? !message.includes('within a transaction') : message.includes('no transaction is active'),
  // The pool closes a disposed connection before reusing it.
  discard() {},
})

/** Takes the write lock at BEGIN, because a deferred transaction that reads and then writes fails with BUSY at once. */
class ImmediateTransaction extends Transaction {
  override query(connection: GuardedConnection, statement: unknown): Promise<unknown> {
    const isBegin = statement === 'BEGIN;'
    return super.query(connection, isBegin ? { sql: 'BEGIN IMMEDIATE', options: keptStatement } : statement)
  }
}

/** Knex's SQLite client with transactions that are safe beside other processes, and with compiled statements kept. */
export class SqliteClient extends SqliteKnexClient {
  private file: SqliteFile | undefined
  private reading: ReadingClient | undefined

  override async acquireRawConnection(): Promise<Connection> {
    // A replacement connection must open the same file, never create a new one.
    this.file?.requireInPlace()
    const connection = (await super.acquireRawConnection()) as Connection
    this.file ??= openedFile(this.connectionSettings.filename)
    connection.file = this.file
    return connection
  }

  /** Runs reads outside of transactions on a second connection, so that they do not wait for writers. */
  override runner(builder: Builder): { client: unknown } {
    const runner = super.runner(builder)
    // Transactions, in-memory databases and files that do not exist yet have a single connection.
    if (!this.file || !readsOnly(builder)) return runner
    this.reading ??= readingClient(this, this.file)
    runner.client = this.reading.client
    return runner
  }

  override async destroy(): Promise<void> {
    await this.reading?.pool.destroy()
    await super.destroy()
  }

  override async _query(connection: Connection, query: Query): Promise<unknown> {
    const { transaction, file } = connection
    if (transaction) return inTurn(transaction, query.sql, () => this.run(connection, query))
    const answer = await this.run(connection, query)
    file?.requireInPlace()
    return answer
  }

  private run(connection: Connection, query: Query): Promise<unknown> {
    if (!query.options?.isKept) return super._query(connection, query)
    return new Promise((resolve, reject) => {
      // If the statement does not compile, `reject` is called before this callback.
      statementOf(connection, query.sql, reject).all(query.bindings, (error, rows) => {
        if (error) return reject(error)
        query.response = rows
        resolve(query)
      })
    })
  }

  /** SQLite cannot close a connection with unfinalized statements. */
  override destroyRawConnection(connection: Connection): Promise<void> {
    for (const statement of connection.kept?.values() ?? []) statement.finalize()
    connection.kept?.clear()
    return super.destroyRawConnection(connection)
  }

  override transaction(...rest: unknown[]): Knex.Transaction {
    return new ImmediateTransaction(this, ...rest) as unknown as Knex.Transaction
  }
}

/**
 * Runs a statement after the earlier ones of its transaction, and not at all when one of them failed: SQLite may have
 * rolled back by itself, and every later statement would then commit on its own.
 */
function inTurn(transaction: OpenTransaction, sql: string, run: () => Promise<unknown>): Promise<unknown> {
  const answer = (transaction.turn ?? Promise.resolve()).then(async () => {
    if (transaction.failure && !sql.startsWith('ROLLBACK')) throw failedBefore(transaction.failure)
    return run()
  })
  transaction.turn = answer.catch((error: Error) => {
    transaction.failure ??= error
  })
  return answer
}

function statementOf(connection: Connection, sql: string, onError: (error: Error) => void): Statement {
  connection.kept ??= new Map()
  const { kept } = connection
  const known = kept.get(sql)
  if (known) return known
  const statement = connection.prepare(sql, (error) => {
    if (!error) return
    kept.delete(sql)
    onError(error)
  })
  kept.set(sql, statement)
  return statement
}

class ReadTransaction extends Transaction {
  override async begin(connection: GuardedConnection) {
    await this.query(connection, 'PRAGMA query_only = ON;')
    return super.begin(connection)
  }
}

/** A client whose transactions only read, see the database as of their first query, and never wait for writers. */
export class SqliteReaderClient extends SqliteKnexClient {
  override transaction(...rest: unknown[]): Knex.Transaction {
    return new ReadTransaction(this, ...rest) as unknown as Knex.Transaction
  }
}

type Builder = { _method?: string; sql?: string; _connection?: unknown }

/** Whether a query builder or raw statement is a SELECT without a connection assigned. */
function readsOnly({ _method = '', sql, _connection }: Builder): boolean {
  if (_connection) return false
  return sql === undefined ? ['select', 'first', 'pluck'].includes(_method) : /^\s*SELECT\b/i.test(sql)
}

class ReadingPool extends SqliteKnexClient {
  file: SqliteFile | undefined

  override async acquireRawConnection(): Promise<unknown> {
    // SQLite would create a missing file.
    this.file?.requireInPlace()
    return super.acquireRawConnection()
  }
}

type ReadingClient = { client: SqliteClient; pool: SqliteKnexClient }

/** Returns a view of the client that queries on a second, read-only connection, which sees everything committed. */
function readingClient(client: SqliteClient, file: SqliteFile): ReadingClient {
  const { filename } = client.connectionSettings
  const pool = new ReadingPool({
    ...client.config,
    connection: { filename },
    pool: {
      min: 0,
      max: 1,
      afterCreate(connection: Connection, done: (error: Error | null, connection: Connection) => void) {
        connection.file = file
        connection.exec(`PRAGMA busy_timeout = ${LOCK_MILLISECONDS}; PRAGMA query_only = ON;`, (error) =>
          done(error, connection),
        )
      },
    },
  })
  pool.file = file
  const reading: SqliteClient = Object.create(client, {
    acquireConnection: { value: () => pool.acquireConnection() },
    releaseConnection: { value: (connection: unknown) => pool.releaseConnection(connection) },
  })
  return { client: reading, pool }
}
