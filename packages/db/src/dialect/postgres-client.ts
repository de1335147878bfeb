import PostgresKnexClient from 'knex/lib/dialects/postgres/index.js'

type Connection = { connection: { stream: { destroy(): void } } }

/** How the driver says that no answer came in `query_timeout`. */
const NO_ANSWER = 'Query read timeout'

/** Knex's PostgreSQL client; a connection that has not answered in time is cut, for its answer may still come, to somebody else. */
export class PostgresClient extends PostgresKnexClient {
  override async _query(connection: Connection, query: unknown): Promise<unknown> {
    try {
      return await super._query(connection, query)
    } catch (error) {
      if (error instanceof Error && error.message === NO_ANSWER) connection.connection.stream.destroy()
      throw error
    }
  }
}
