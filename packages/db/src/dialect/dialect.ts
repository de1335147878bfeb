import type { Knex } from 'knex'
import type { MigrationWork, Release } from './migration-lock.js'

/** What SQLite and PostgreSQL do differently. Everything else is written once, in SQL both understand. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /** Whether a database has schemas, so that several programs can keep their tables in one. */
  readonly hasSchemas: boolean
  /** How many reads, and how many writes, of one user may run at once without making those of others wait long. */
  readonly callsPerUser: number
  /** Column types and the table suffix for `CREATE TABLE`. */
  readonly types: ColumnTypes
  /** SQL: the database's clock, as the stored writing of an instant. */
  readonly now: string
  /** SQL: the database's clock at this very moment, later than `now` in a transaction that waited. */
  readonly clock: string
  /** SQL with one `?` for seconds: that long after the database's clock. */
  readonly later: string
  /** SQL after a text expression: compared by code point, whatever the database's language. */
  readonly byCodePoint: string
  /** SQL: the UTC day of a stored instant. */
  dayOf(instant: string): string
  /** SQL: the sum of an integer expression as text for `readSum`, exact whatever its size. */
  exactSum(expression: string): string
  /** SQL: that sum as a number, to compare it: exact within 2^63, near it past that, and never a failure. */
  comparableSum(expression: string): string
  /** SQL after a SELECT in a transaction: holds the rows of these tables against other writers until it ends. */
  lockRows(...tables: string[]): string
  /** Holds a whole table against other writers until the transaction ends; readers go on. */
  lockTable(trx: Knex.Transaction, table: string): Promise<void>
  /** SQL and its bindings for a `FROM` source `alias` with these rows, in their order by the column `ordinal`. */
  rows(alias: string, columns: Record<string, ColumnType>, rows: readonly Cell[][]): Statement
  /** SQL: the tables, by `name`, in the schema where ours are, without those that belong to an extension. */
  readonly tableNames: string
  /** Runs one statement; answers the rows it returns, their columns in camelCase. */
  query<Row>(trx: Knex.Transaction, statement: Statement): Promise<Row[]>
  /**
   * Runs statements as one step of a transaction; answers the ids that each insert returns, in ascending order. Those of
   * `afterwards` see what the others wrote.
   */
  runTogether(trx: Knex.Transaction, step: Step): Promise<number[][]>
  /** Runs `work` in a transaction whose first statements only read: where there is a network they travel with its BEGIN. */
  readThenWrite<Result>(db: Knex, work: (trx: Knex.Transaction) => Promise<Result>): Promise<Result>
  /** Runs `work` while no other process runs its own; freed when the process dies. */
  withMigrationLock<Result>(db: Knex, work: MigrationWork<Result>): Promise<Result>
  /** Says to those who want to migrate that this process serves the database; waits while one migrates it. Freed when the process dies. */
  holdServing(db: Knex): Promise<Release>
  /**
   * Runs `work` on a connection of its own that sees the database as it was at one moment, may only read, and makes no
   * writer wait. (A database in memory has one connection only: there, writers wait.)
   */
  withSnapshot<Result>(db: Knex, work: (snapshot: Knex.Transaction) => Promise<Result>): Promise<Result>
  /**
   * Whether the database takes writes now, as far as reading tells: it is no replica, not set to read only, and what it is
   * written to has room. (PostgreSQL does not say how full its disk is.)
   */
  isWritable(db: Knex): Promise<boolean>
  /** Whether a driver error means that the database refused a row for what is in it, so that others may pass. */
  isRefusedRow(error: DriverError): boolean
  /** Whether a driver error means that the database itself is damaged, or is none. */
  isDamage(error: DriverError): boolean
  /** Whether a driver error means that the database cannot serve now, so that the same call may work later. */
  isUnavailable(error: DriverError): boolean
}

export type ColumnType = 'integer' | 'text' | 'instant' | 'day' | 'json'
export type ColumnTypes = Record<'id' | 'integer' | 'text' | 'instant' | 'day' | 'json' | 'tableSuffix', string>
export type Cell = number | string | null
export type Statement = { sql: string; bindings: readonly Binding[] }
export type Binding = Cell | readonly Cell[]
export type Step = { inserts: Statement[]; others: Statement[]; afterwards: Statement[] }
export type DriverError = Error & { code?: string }

/** The ids of rows, in the order in which both databases number rows: the one they were selected in. */
export function ascending(rows: { id: number }[]): number[] {
  return rows.map(({ id }) => id).sort((a, b) => a - b)
}

/** Where a sum is taken in two halves: an integer is its upper half times this, and its lower half. */
export const HALF = 2n ** 32n

/** The sum that a dialect's `exactSum` wrote: in digits, or its two halves in digits. */
export function readSum(text: string): bigint {
  const [first = '', second] = text.split(' ')
  return second === undefined ? BigInt(first) : BigInt(first) * HALF + BigInt(second)
}

/** What our configurations have beside Knex's own settings. */
export type OurConfig = Knex.Config & { mgxDialect?: Dialect }

/** The dialect of a database or transaction. */
export function dialectOf(db: Knex): Dialect {
  const { mgxDialect: dialect }: OurConfig = db.client.config
  if (!dialect) throw new Error('this database was not opened by openDatabase')
  return dialect
}

/** The database's clock, ISO-8601 UTC. */
export async function readClock(db: Knex): Promise<string> {
  const row: { now: string } = await db.select(db.raw(`${dialectOf(db).clock} AS now`)).first()
  return row.now
}
