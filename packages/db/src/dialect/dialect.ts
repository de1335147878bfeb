import type { Knex } from 'knex'
import type { MigrationWork, Release } from './migration-lock.js'

/** What differs between SQLite and PostgreSQL. Everything else is written once, in SQL that both understand. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /** Whether a database has schemas, so that several programs can share it. */
  readonly hasSchemas: boolean
  /** How many reads, and how many writes, of one user may run at once without delaying other users much. */
  readonly callsPerUser: number
  /** Column types and the table suffix for `CREATE TABLE`. */
  readonly types: ColumnTypes
  /** SQL: the database's clock, in the stored format of an instant. May stand still during a transaction. */
  readonly now: string
  /** SQL: the current reading of the database's clock, later than `now` in a transaction that has waited. */
  readonly clock: string
  /** SQL with one `?` for seconds: the database's clock plus that many seconds. */
  readonly later: string
  /** SQL suffix for a text expression: compares it by code point, whatever the database's locale. */
  readonly byCodePoint: string
  /** SQL with one `?`: whether a text matches a pattern of LIKE, ignoring the case of A to Z; `!` escapes `%` and `_`. */
  like(text: string): string
  /** SQL: the UTC day of a stored instant. */
  dayOf(instant: string): string
  /** SQL: the sum of an integer expression as text for `readSum`, exact at any size. */
  exactSum(expression: string): string
  /** SQL: the same sum as a number for comparisons: exact up to 2^63, approximate beyond, never an error. */
  comparableSum(expression: string): string
  /** SQL suffix for a SELECT: locks its rows of these tables against other writers until the transaction ends. */
  lockRows(...tables: string[]): string
  /** SQL suffix for a SELECT: locks its rows of this table, and leaves out those that another transaction has locked. */
  lockFreeRows(table: string): string
  /** Locks a whole table against other writers, but not readers, until the transaction ends. */
  lockTable(trx: Knex.Transaction, table: string): Promise<void>
  /** Returns a `FROM` source named `alias` with these rows; its column `ordinal` gives their order. */
  rows(alias: string, columns: Record<string, ColumnType>, rows: readonly Cell[][]): Statement
  /**
   * Returns the SQL that creates and the SQL that drops triggers that raise `version` in the one row of `versions` at
   * every change of `table`, also by other programs.
   */
  versionTriggers(table: string, versions: string): Record<'create' | 'drop', string[]>
  /**
   * Returns the SQL that creates and the SQL that drops triggers that refuse to change, replace or delete rows of `table`,
   * also by other programs.
   */
  appendOnlyTriggers(table: string): Record<'create' | 'drop', string[]>
  /** SQL: selects the `name` of every table in our schema, except those of extensions. */
  readonly tableNames: string
  /** SQL: the name and the version of the database program. */
  readonly program: string
  /**
   * SQL: selects as `identity` a text that stays the same for a migrated database and differs between databases, except
   * for copies of its files.
   */
  readonly identity: string
  /** Runs one statement and returns its rows, with column names in camelCase. */
  query<Row>(trx: Knex.Transaction, statement: Statement): Promise<Row[]>
  /**
   * Runs statements as one step of a transaction and returns the ids of each insert, in ascending order. Statements in
   * `afterwards` see what the others wrote.
   */
  runTogether(trx: Knex.Transaction, step: Step): Promise<number[][]>
  /** Runs `work` in a transaction whose first statements only read: over a network they are sent with its BEGIN. */
  readThenWrite<Result>(db: Knex, work: (trx: Knex.Transaction) => Promise<Result>): Promise<Result>
  /** Runs `work` while no other process runs its own. The lock is released when the process dies. */
  withMigrationLock<Result>(db: Knex, work: MigrationWork<Result>): Promise<Result>
  /**
   * Marks the database as served by this process, so that other processes do not migrate it; waits for a migration in
   * progress. The mark disappears when the process dies.
   */
  holdServing(db: Knex): Promise<Release>
  /**
   * Runs `work` with a function that reads in read-only transactions on a separate connection. Each sees the database at
   * one moment and blocks no writers. (An in-memory database has only one connection, so there writers wait.) When the
   * signal is aborted, the statement that runs fails at once.
   */
  withSnapshots<Result>(db: Knex, work: (snapshot: Snapshot) => Promise<Result>, signal?: AbortSignal): Promise<Result>
  /** Returns how many of the database's connections are in use and idle, and how many calls wait for one. */
  connections(db: Knex): Connections
  /** Reads how large the database is, and what keeps it from cleaning up. */
  storage(db: Knex): Promise<Storage>
  /**
   * Whether the database accepts writes now, as far as reads can tell: it is not a replica, not read-only, and has
   * room. (PostgreSQL does not report how full its disk is.)
   */
  isWritable(db: Knex): Promise<boolean>
  /** Whether the database rejected a row because of its content, so that other rows may succeed. */
  isRefusedRow(error: DriverError): boolean
  /** Whether the database is damaged, or the file is not a database. */
  isDamage(error: DriverError): boolean
  /** Whether the database cannot serve now, so that the same call may succeed later. */
  isUnavailable(error: DriverError): boolean
}

/** Runs `read` in one snapshot. */
export type Snapshot = <Result>(read: (snapshot: Knex.Transaction) => Promise<Result>) => Promise<Result>
export type Storage = {
  readonly bytes: number
  /** The write-ahead log beside a SQLite file; null on PostgreSQL, which limits its own. */
  readonly logBytes: number | null
  /** How long the oldest open transaction of PostgreSQL has been running; null on SQLite, which cannot say. */
  readonly oldestTransactionSeconds: number | null
}
export type Connections = { readonly used: number; readonly idle: number; readonly pending: number }
export type ColumnType = 'integer' | 'text' | 'instant' | 'day' | 'json'
export type ColumnTypes = Record<'id' | 'integer' | 'text' | 'instant' | 'day' | 'json' | 'tableSuffix', string>
export type Cell = number | string | null
export type Statement = { sql: string; bindings: readonly Binding[] }
export type Binding = Cell | readonly Cell[]
export type Step = { inserts: Statement[]; others: Statement[]; afterwards: Statement[] }
export type DriverError = Error & { code?: string }

/** Returns the ids of inserted rows, ascending: both databases assign ids in SELECT order. */
export function ascending(rows: { id: number }[]): number[] {
  return rows.map(({ id }) => id).sort((a, b) => a - b)
}

/** For sums taken in two halves: an integer is its upper half times this, plus its lower half. */
export const HALF = 2n ** 32n

/** Parses the result of a dialect's `exactSum`: the digits of the sum, or of its two halves. */
export function readSum(text: string): bigint {
  const [first = '', second] = text.split(' ')
  return second === undefined ? BigInt(first) : BigInt(first) * HALF + BigInt(second)
}

/** Returns a `snapshot` that begins no read once the signal is aborted, and then cuts the connection of the current one. */
export function abortable(snapshot: Snapshot, cut: (connection: unknown) => void, signal?: AbortSignal): Snapshot {
  if (!signal) return snapshot
  return async (read) => {
    signal.throwIfAborted()
    return snapshot(async (trx) => {
      const connection = await trx.client.acquireConnection()
      const abort = () => cut(connection)
      signal.addEventListener('abort', abort)
      try {
        return await read(trx)
      } finally {
        signal.removeEventListener('abort', abort)
      }
    })
  }
}

type Pool = Record<'numUsed' | 'numFree' | 'numPendingAcquires', () => number>

/** Adds up the connections of some pools, among them those of a destroyed client, which are undefined. */
export function connectionsOf(pools: readonly (Pool | undefined)[]): Connections {
  const sum = (count: (pool: Pool) => number) => pools.reduce((total, pool) => total + (pool ? count(pool) : 0), 0)
  return {
    used: sum((pool) => pool.numUsed()),
    idle: sum((pool) => pool.numFree()),
    pending: sum((pool) => pool.numPendingAcquires()),
  }
}

/** A Knex configuration with our dialect. */
export type OurConfig = Knex.Config & { mgxDialect?: Dialect }

/** Returns the dialect of a database or transaction. */
export function dialectOf(db: Knex): Dialect {
  const { mgxDialect: dialect }: OurConfig = db.client.config
  if (!dialect) throw new Error('this database was not opened by openDatabase')
  return dialect
}

/** Returns the database's current time, ISO-8601 UTC. */
export async function readClock(db: Knex): Promise<string> {
  const row: { now: string } = await db.select(db.raw(`${dialectOf(db).clock} AS now`)).first()
  return row.now
}

/** Returns what distinguishes a migrated database from others; see {@link Dialect.identity}. */
export async function readIdentity(db: Knex): Promise<string> {
  const query = db.select('identity').from(db.raw(`(${dialectOf(db).identity}) AS known`))
  const row: { identity: string } = await query.first()
  return row.identity
}
