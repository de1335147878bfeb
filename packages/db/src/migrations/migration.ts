import type { Knex } from 'knex'
import { type ColumnTypes, dialectOf } from '../dialect/dialect.js'

export type Migration = {
  /** The tables that the migration creates. */
  readonly tables?: readonly string[]
  up(db: Knex): Promise<void>
  down(db: Knex): Promise<void>
}

/** The dialect's column types, and the column definitions that tables share. */
export type TableWords = ColumnTypes & {
  /** A required instant that defaults to the database's clock. */
  createdAt: string
  /** A required amount of nano-USD, 0 to 2^53. */
  amount(name: string): string
  /** A required count, 0 to 2^53 - 1. */
  count(name: string): string
}

/** Returns a migration that runs `statements` in order and, to roll back, drops `tables` in reverse order. */
export function createTables(tables: string[], statements: (words: TableWords) => string[]): Migration {
  return {
    tables,
    async up(db) {
      const { types, now } = dialectOf(db)
      const bounded = (name: string, most: string) =>
        `${name} ${types.integer} NOT NULL CHECK (${name} >= 0 AND ${name} <= ${most})`
      const words = {
        ...types,
        createdAt: `${types.instant} NOT NULL DEFAULT (${now})`,
        amount: (name: string) => bounded(name, '9007199254740992'),
        count: (name: string) => bounded(name, '9007199254740991'),
      }
      for (const statement of statements(words)) await db.raw(statement)
    },
    async down(db) {
      for (const table of tables.toReversed()) await db.schema.dropTable(table)
    },
  }
}
