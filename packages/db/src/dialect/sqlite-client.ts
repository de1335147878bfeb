import type { Knex } from 'knex'
import SqliteTransaction from 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js'
import SqliteKnexClient from 'knex/lib/dialects/sqlite3/index.js'

/**
 * Takes the write lock at the start, because a plain BEGIN that reads and then writes fails with BUSY at once; and
 * lets a failed COMMIT reach the ROLLBACK, because the connection would go back to the pool inside the transaction
 * and swallow every later write.
 */
class ImmediateTransaction extends SqliteTransaction {
  override begin(connection: unknown) {
    return this.query(connection, 'BEGIN IMMEDIATE;')
  }

  override async commit(connection: unknown, value: unknown) {
    await this.trxClient.query(connection, 'COMMIT;')
    this._completed = true
    this._resolver(value)
  }
}

/** Knex's SQLite client with transactions that are safe beside other processes. */
export class SqliteClient extends SqliteKnexClient {
  override transaction(...rest: unknown[]): Knex.Transaction {
    return new ImmediateTransaction(this, ...rest) as unknown as Knex.Transaction
  }
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
