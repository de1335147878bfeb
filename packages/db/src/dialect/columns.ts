import type { Knex } from 'knex'
import { type Cell, type ColumnType, dialectOf, type Statement } from './dialect.js'

/** The columns of a table: for each, its type and how to compute its cell from a row object. */
export type Columns<Row> = Record<string, readonly [ColumnType, (row: Row) => Cell]>

/** Returns the rows as a `FROM` source named `alias`, with the columns' names and types. */
export function sourceOf<Row>(
  trx: Knex.Transaction,
  alias: string,
  columns: Columns<Row>,
  rows: readonly Row[],
): Statement {
  const types = Object.fromEntries(Object.entries(columns).map(([name, [type]]) => [name, type]))
  const cells = Object.values(columns).map(([, cell]) => cell)
  return dialectOf(trx).rows(
    alias,
    types,
    rows.map((row) => cells.map((cell) => cell(row))),
  )
}

/**
 * Returns the statement that inserts the rows in order; undefined when there are none. Columns that are null in every
 * row are left out, because each cell costs time in the database.
 */
export function insertInto<Row>(
  trx: Knex.Transaction,
  table: string,
  columns: Columns<Row>,
  rows: readonly Row[],
  returning = '',
): Statement | undefined {
  if (rows.length === 0) return undefined
  const used = Object.entries(columns).filter(([, [, cell]]) => rows.some((row) => cell(row) !== null))
  const names = used.map(([name]) => name).join(', ')
  const source = sourceOf(trx, 'written', Object.fromEntries(used), rows)
  return {
    sql: `INSERT INTO ${table} (${names}) SELECT ${names} FROM ${source.sql} ORDER BY ordinal ${returning}`,
    bindings: source.bindings,
  }
}
