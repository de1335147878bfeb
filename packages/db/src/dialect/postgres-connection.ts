import type { Knex } from 'knex'
import pg from 'pg'
import { PostgresClient } from './postgres-client.js'
import { ANSWER_MILLISECONDS, CONNECT_MILLISECONDS, LOCK_MILLISECONDS, STATEMENT_MILLISECONDS } from './time-limits.js'

/** Returns the Knex configuration for PostgreSQL, with at most `poolMax` connections and a limit on every wait. */
export function postgresConfig(connectionString: string, poolMax: number): Knex.Config {
  return {
    client: PostgresClient,
    connection: {
      connectionString,
      application_name: 'mgx',
      keepAlive: true,
      // Sends statements without waiting for earlier responses. A statement that times out closes its connection,
      // because its late response could be taken for another statement's.
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

/** Returns the configuration of a small extra pool without time limits. The caller closes it with `destroy()`. */
export function unhurriedConfig({ client }: Knex): Knex.Config {
  const connection = { ...client.config.connection, lock_timeout: 0, statement_timeout: 0, query_timeout: 0 }
  return { ...client.config, connection, pool: { min: 0, max: 2 } }
}

const { builtins } = pg.types
const parseInstant = pg.types.getTypeParser(builtins.TIMESTAMPTZ)

/** Parses integers as numbers (stored ones are at most 2^53), instants as ISO-8601 UTC, and days as text. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === builtins.INT8) return Number
  if (oid === builtins.TIMESTAMPTZ) return (text: string) => readInstant(text).toISOString()
  if (oid === builtins.DATE) return String
  return pg.types.getTypeParser(oid, format)
}

/** `Date` parses this century's instants fast, but reads year 50 as 1950 and cannot parse offsets with seconds. */
function readInstant(text: string): Date {
  return text.startsWith('20') ? new Date(text) : parseInstant(text)
}
