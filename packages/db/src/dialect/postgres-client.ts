import type { Knex } from 'knex'
import PostgresTransaction from 'knex/lib/dialects/postgres/execution/pg-transaction.js'
import PostgresKnexClient from 'knex/lib/dialects/postgres/index.js'

/**
 * Does not wait for the answer to BEGIN: the first statements travel with it. They must only read, because should BEGIN
 * fail they run outside of any transaction; Knex then lets no further statement through.
 */
class EagerTransaction extends PostgresTransaction {
  override async begin(connection: unknown) {
    void super.begin(connection)
  }
}

/** The configuration of a transaction whose first statements only read. */
export const readsFirst: Knex.TransactionConfig & { readsFirst: true } = { readsFirst: true }

/** Knex's PostgreSQL client with transactions that begin without a round trip of their own, for those that ask for it. */
export class PostgresClient extends PostgresKnexClient {
  override transaction(container: unknown, config: Knex.TransactionConfig, outer: unknown): Knex.Transaction {
    if (!('readsFirst' in config)) return super.transaction(container, config, outer)
    return new EagerTransaction(this, container, config, outer) as unknown as Knex.Transaction
  }
}
