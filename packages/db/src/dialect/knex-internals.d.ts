// Knex publishes these classes without types. Only the members that our clients override or call are declared.
declare module 'knex/lib/execution/transaction.js' {
  export default class KnexTransaction<Connection> {
    constructor(client: unknown, ...rest: unknown[])
    readonly txid: string
    client: { query(connection: Connection, statement: unknown): Promise<{ response?: unknown }> }
    trxClient: { query(connection: Connection, statement: unknown): Promise<unknown> }
    _completed: boolean
    _resolver(value: unknown): void
    _rejecter(error: unknown): void
    begin(connection: Connection): Promise<unknown>
    commit(connection: Connection, value: unknown): Promise<unknown>
    rollback(connection: Connection, error: unknown): Promise<unknown>
    release(connection: Connection, value: unknown): Promise<unknown>
    rollbackTo(connection: Connection, error: unknown): Promise<unknown>
    query(connection: Connection, statement: unknown): Promise<unknown>
  }
}

declare module 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js' {
  export { default } from 'knex/lib/execution/transaction.js'
}

declare module 'knex/lib/dialects/sqlite3/index.js' {
  import { Knex } from 'knex'
  export default class SqliteKnexClient extends Knex.Client {
    connectionSettings: { filename: string; flags?: string[] }
    override acquireRawConnection(): Promise<unknown>
    override runner(builder: unknown): { client: unknown }
    override destroy(): Promise<void>
    override transaction(...rest: unknown[]): Knex.Transaction
    _query(connection: unknown, query: unknown): Promise<unknown>
    override destroyRawConnection(connection: unknown): Promise<void>
  }
}

declare module 'knex/lib/dialects/postgres/execution/pg-transaction.js' {
  export { default } from 'knex/lib/execution/transaction.js'
}

declare module 'knex/lib/dialects/postgres/index.js' {
  import { Knex } from 'knex'
  export default class PostgresKnexClient extends Knex.Client {
    override transaction(...rest: unknown[]): Knex.Transaction
    _query(connection: unknown, query: unknown): Promise<unknown>
  }
}
