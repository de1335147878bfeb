import type { Drift } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Dialect, dialectOf, readSum, type Statement } from '../dialect/dialect.js'
import { type Figure, figureDrift } from './drift.js'

/** A range of user or project ids: greater than `after`, up to and including `upTo`. */
export type Range = { readonly after: number; readonly upTo: number }

/** A check over ranges of ids. */
export type Check = {
  /** The table whose ids the ranges cover. */
  readonly by: 'users' | 'projects'
  /** Returns the drifts of at most `limit` wrong rows in a range. */
  find(snapshot: Knex.Transaction, range: Range, limit: number): Promise<Drift[]>
}

/** Stored figures, and the rows they must be the sums of. */
export type Comparison<Key> = {
  readonly by: 'users' | 'projects'
  readonly keys: readonly (keyof Key & string)[]
  readonly figures: readonly Figure[]
  /** SELECTs of the keys and figures; their two `?` are the bounds of the range. */
  readonly kept: string
  readonly summed: readonly string[]
  subject(key: Key): string
}

/**
 * Returns the check for a comparison. The database does the sums and returns only differences, so memory use here stays
 * small. One pass over both sides finds rows that are missing on either.
 */
export function checkOf<Key>(comparison: Comparison<Key>): Check {
  const { by, figures, subject } = comparison
  return {
    by,
    async find(snapshot, range, limit) {
      const dialect = dialectOf(snapshot)
      const statement = differing(dialect, comparison, range, limit)
      const rows = await dialect.query<Key & Record<string, string>>(snapshot, statement)
      return rows.flatMap((row) =>
        figures.flatMap((figure, index) => {
          const [found = '', sum = ''] = [row[`kept${index}`], row[`summed${index}`]]
          return figureDrift(subject(row), figure, readSum(found), readSum(sum)) ?? []
        }),
      )
    },
  }
}

function differing<Key>(
  { exactSum, comparableSum }: Dialect,
  { keys, figures, kept, summed }: Comparison<Key>,
  range: Range,
  limit: number,
): Statement {
  const names = keys.join(', ')
  const lines = (select: string, isKept: boolean) => {
    const cells = figures.map(({ column }, index) =>
      isKept ? `${column} AS kept${index}, 0 AS summed${index}` : `0 AS kept${index}, ${column} AS summed${index}`,
    )
    return `SELECT ${names}, ${cells.join(', ')} FROM (${select}) AS line`
  }
  const sums = figures.map(
    (_, index) => `${exactSum(`kept${index}`)} AS kept${index}, ${exactSum(`summed${index}`)} AS summed${index}`,
  )
  const differences = figures.map(({ most }, index) => {
    const sum = comparableSum(`summed${index}`)
    const bounded = most === undefined ? sum : `CASE WHEN ${sum} > ${most} THEN ${most} ELSE ${sum} END`
    return `${comparableSum(`kept${index}`)} <> ${bounded}`
  })
  const sides = [lines(kept, true), ...summed.map((select) => lines(select, false))]
  return {
    sql: `SELECT ${names}, ${sums.join(', ')} FROM (${sides.join(' UNION ALL ')}) AS lines
      GROUP BY ${names} HAVING ${differences.join(' OR ')} ORDER BY ${names} LIMIT ?`,
    bindings: [...sides.flatMap(() => [range.after, range.upTo]), limit],
  }
}
