import type { Knex } from 'knex'
import PostgresTransaction from 'knex/lib/dialects/postgres/execution/pg-transaction.js'
import PostgresKnexClient from 'knex/lib/dialects/postgres/index.js'
import { failedBefore, type GuardedConnection, guarded } from './guarded-transaction.js'

type Connection = GuardedConnection & { connection: { stream: { destroy(): void } } }

const Transaction = guarded(PostgresTransaction, {
  commit: { sql: 'COMMIT' },
  // PostgreSQL answers the COMMIT of a transaction that had failed with success and this word.
  requireCommitted({ response }, { transaction }) {
    const { command } = response as { command: string }
    if (command === 'COMMIT') return
    throw failedBefore(transaction?.failure ?? new Error(`COMMIT was answered with ${command}`))
  },
  isClosedAfter: () => false,
  // Not `end()`, which waits for the answers to what was sent.
  discard: (connection) => (connection as Connection).connection.stream.destroy(),
})

/**
 * Does not wait for the answer to BEGIN: the first statements travel with it. They must only read, because should BEGIN
 * fail they run outside of any transaction; no further statement is let through then.
 */
class EagerTransaction extends Transaction {
  override async begin(connection: GuardedConnection) {
    super.begin(connection).catch((error: unknown) => {
      this._completed = true
      this._rejecter(error)
    })
  }
}

/** The configuration of a transaction whose first statements only read. */
export const readsFirst: Knex.TransactionConfig & { readsFirst: true } = { readsFirst: true }

/**
 * Knex's PostgreSQL client with transactions that are kept whole or not at all, and that begin without a round trip of
 * their own where they ask for it.
 */
export class PostgresClient extends PostgresKnexClient {
  override transaction(container: unknown, config: Knex.TransactionConfig, outer: unknown): Knex.Transaction {
    const Kind = 'readsFirst' in config ? EagerTransaction : Transaction
    return new Kind(this, container, config, outer) as unknown as Knex.Transaction
  }

  /** Statements travel side by side, and PostgreSQL says of those behind one that failed only that they come too late. */
  override async _query(connection: GuardedConnection, query: unknown): Promise<unknown> {
    const { transaction } = connection
    try {
      return await super._query(connection, query)
    } catch (error) {
      if (!transaction) throw error
      if (transaction.failure) throw failedBefore(transaction.failure)
      transaction.failure = error as Error
      throw error
    }
  }
}
