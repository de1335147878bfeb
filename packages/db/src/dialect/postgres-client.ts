import type { Knex } from 'knex'
import PostgresTransaction from 'knex/lib/dialects/postgres/execution/pg-transaction.js'
import PostgresKnexClient from 'knex/lib/dialects/postgres/index.js'
import { failedBefore, type GuardedConnection, guarded } from './guarded-transaction.js'

type Connection = GuardedConnection & { connection: { stream: { destroy(): void } } }

/** Closes a connection at once; not by `end()`, which waits for outstanding responses. */
export function discard(connection: unknown): void {
  const { stream } = (connection as Connection).connection
  stream.destroy()
}

const Transaction = guarded(PostgresTransaction, {
  commit: { sql: 'COMMIT' },
  // PostgreSQL reports the COMMIT of a failed transaction as a success, but with another command tag.
  requireCommitted({ response }, { transaction }) {
    const { command } = response as { command: string }
    if (command === 'COMMIT') return
    throw failedBefore(transaction?.failure ?? new Error(`COMMIT returned ${command}`))
  },
  isClosedAfter: () => false,
  discard,
})

/**
 * Does not wait for the response to BEGIN: the first statements are sent together with it. They must only read, because
 * if BEGIN fails they run outside any transaction; no further statement runs then.
 */
class EagerTransaction extends Transaction {
  override async begin(connection: GuardedConnection) {
    super.begin(connection).catch((error: unknown) => {
      this._completed = true
      this._rejecter(error)
    })
  }
}

/** Transaction configuration for transactions whose first statements only read. */
export const readsFirst: Knex.TransactionConfig & { readsFirst: true } = { readsFirst: true }

/**
 * Knex's PostgreSQL client with transactions that commit everything or nothing, and that, with `readsFirst`, begin
 * without an extra round trip.
 */
export class PostgresClient extends PostgresKnexClient {
  override transaction(container: unknown, config: Knex.TransactionConfig, outer: unknown): Knex.Transaction {
    const Kind = 'readsFirst' in config ? EagerTransaction : Transaction
    return new Kind(this, container, config, outer) as unknown as Knex.Transaction
  }

  /** Rejects with the transaction's first error, because PostgreSQL gives no cause for pipelined ones behind it. */
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
