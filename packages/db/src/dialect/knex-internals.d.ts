// Knex publishes these classes without types; only what our clients override is declared.
declare module 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js' {
  export default class SqliteTransaction {
    constructor(client: unknown, ...rest: unknown[])
    protected trxClient: { query(connection: unknown, query: unknown): Promise<unknown> }
    protected _completed: boolean
    protected _resolver(value: unknown): void
    protected query(connection: unknown, query: unknown): Promise<unknown>
    begin(connection: unknown): Promise<unknown>
    commit(connection: unknown, value: unknown): Promise<unknown>
  }
}

declare module 'knex/lib/dialects/sqlite3/index.js' {
  import { Knex } from 'knex'
  export default class SqliteKnexClient extends Knex.Client {
    override transaction(...rest: unknown[]): Knex.Transaction
    _query(connection: unknown, query: unknown): Promise<unknown>
    override destroyRawConnection(connection: unknown): Promise<void>
  }
}

declare module 'knex/lib/dialects/postgres/execution/pg-transaction.js' {
  export default class PostgresTransaction {
    constructor(client: unknown, ...rest: unknown[])
    begin(connection: unknown): Promise<unknown>
  }
}

declare module 'knex/lib/dialects/postgres/index.js' {
  import { Knex } from 'knex'
  export default class PostgresKnexClient extends Knex.Client {
    override transaction(...rest: unknown[]): Knex.Transaction
  }
}
