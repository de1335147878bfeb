import type { Knex } from 'knex'
import pg from 'pg'
import { PostgresClient } from './postgres-client.js'
import { ANSWER_MILLISECONDS, CONNECT_MILLISECONDS, LOCK_MILLISECONDS, STATEMENT_MILLISECONDS } from './time-limits.js'

/** How Knex reaches a PostgreSQL database, with at most `poolMax` connections; nothing waits for ever. */
export function postgresConfig(connectionString: string, poolMax: number): Knex.Config {
  return {
    client: PostgresClient,
    connection: {
      connectionString,
      application_name: 'mgx',
      keepAlive: true,
      // Statements go out without waiting for the answers to those before. One that is not answered in time ends its
      // connection, for its answer may still come, to somebody else.
      pipeline: true,
      connectionTimeoutMillis: CONNECT_MILLISECONDS,
      lock_timeout: LOCK_MILLISECONDS,
      statement_timeout: STATEMENT_MILLISECONDS,
      idle_in_transaction_session_timeout: STATEMENT_MILLISECONDS,
      query_timeout: ANSWER_MILLISECONDS,
      types: { getTypeParser },
    } as Knex.PgConnectionConfig,
    pool: { min: 0, max: poolMax },
  }
}

/** The same database for work that takes as long as it takes, beside the pool. The caller ends it with `destroy()`. */
export function unhurriedConfig({ client }: Knex): Knex.Config {
  const connection = { ...client.config.connection, lock_timeout: 0, statement_timeout: 0, query_timeout: 0 }
  return { ...client.config, connection, pool: { min: 0, max: 2 } }
}

const { builtins } = pg.types
const parseInstant = pg.types.getTypeParser(builtins.TIMESTAMPTZ)

/** Integers as numbers (every stored one is at most 2^53), instants as ISO-8601 UTC with milliseconds, days as written. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === builtins.INT8) return Number
  if (oid === builtins.TIMESTAMPTZ) return (text: string) => readInstant(text).toISOString()
  if (oid === builtins.DATE) return String
  return pg.types.getTypeParser(oid, format)
}

/** JavaScript reads the instants of this century fast; of others it takes the year 50 for 1950 and knows no offset with seconds. */
function readInstant(text: string): Date {
  return text.startsWith('20') ? new Date(text) : parseInstant(text)
}
