import type { NanoUsd } from '@mgx/contract'
import { readSum } from '../dialect/dialect.js'

const DAY_MILLISECONDS = 86_400_000

/** Returns the UTC day, YYYY-MM-DD, that is so many days after another. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MILLISECONDS).toISOString().slice(0, 'YYYY-MM-DD'.length)
}

/** How many cost records a row of a report stands for, and their exact sum as `readSum` reads it. */
export type Summed = { readonly records: number; readonly cost: string }

/** Returns the records and the cost of some rows together. */
export function sumOf(rows: readonly Summed[]): { records: number; cost: NanoUsd } {
  return {
    records: rows.reduce((sum, { records }) => sum + Number(records), 0),
    cost: rows.reduce((sum, { cost }) => sum + readSum(cost), 0n),
  }
}
