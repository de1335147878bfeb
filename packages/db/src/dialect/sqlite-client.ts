import type { Knex } from 'knex'
import SqliteTransaction from 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js'
import SqliteKnexClient from 'knex/lib/dialects/sqlite3/index.js'

/** The options of a statement that comes again and again in the same words, and stays compiled for that. */
export const keptStatement: { isKept: true } = { isKept: true }

/**
 * Takes the write lock at the start, because a plain BEGIN that reads and then writes fails with BUSY at once; and
 * lets a failed COMMIT reach the ROLLBACK, because the connection would go back to the pool inside the transaction
 * and swallow every later write.
 */
class ImmediateTransaction extends SqliteTransaction {
  override begin(connection: unknown) {
    return this.query(connection, { sql: 'BEGIN IMMEDIATE', options: keptStatement })
  }

  override async commit(connection: unknown, value: unknown) {
    await this.trxClient.query(connection, { sql: 'COMMIT', options: keptStatement })
    this._completed = true
    this._resolver(value)
  }
}

type Statement = {
  all(bindings: unknown, done: (error: Error | null, rows: unknown) => void): void
  finalize(): void
}
type Connection = {
  prepare(sql: string, done: (error: Error | null) => void): Statement
  kept?: Map<string, Statement>
}
type Query = { sql: string; bindings?: unknown; options?: { isKept?: true }; response?: unknown }

/** Knex's SQLite client with transactions that are safe beside other processes, and statements that stay compiled. */
export class SqliteClient extends SqliteKnexClient {
  override _query(connection: Connection, query: Query): Promise<unknown> {
    if (!query.options?.isKept) return super._query(connection, query)
    return new Promise((resolve, reject) => {
      // Should it not compile, that is heard first.
      statementOf(connection, query.sql, reject).all(query.bindings, (error, rows) => {
        if (error) return reject(error)
        query.response = rows
        resolve(query)
      })
    })
  }

  /** A file with statements that still stand cannot be closed. */
  override destroyRawConnection(connection: Connection): Promise<void> {
    for (const statement of connection.kept?.values() ?? []) statement.finalize()
    connection.kept?.clear()
    return super.destroyRawConnection(connection)
  }

  override transaction(...rest: unknown[]): Knex.Transaction {
    return new ImmediateTransaction(this, ...rest) as unknown as Knex.Transaction
  }
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

class ReadTransaction extends SqliteTransaction {
  override async begin(connection: unknown) {
    await this.query(connection, 'PRAGMA query_only = ON;')
    return this.query(connection, 'BEGIN;')
  }
}

/** Its transactions see the database as it was at their first query, may only read, and wait for nobody. */
export class SqliteReaderClient extends SqliteKnexClient {
  override transaction(...rest: unknown[]): Knex.Transaction {
    return new ReadTransaction(this, ...rest) as unknown as Knex.Transaction
  }
}
