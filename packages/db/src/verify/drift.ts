import { type Drift, formatUsd } from '@mgx/contract'

/** A stored figure that can be recomputed: its column, and how it is written. */
export type Figure = {
  readonly column: string
  readonly name: string
  /** The stored figure is capped here. */
  readonly most?: number
  write(value: bigint): string
}

export const usd = (column: string, name: string): Figure => ({ column, name, write: formatUsd })
export const count = (column: string, name: string, most?: number): Figure => ({
  column,
  name,
  write: String,
  ...(most !== undefined && { most }),
})

/** Compares a stored figure with the recomputed sum; returns undefined when they agree. */
export function figureDrift(subject: string, figure: Figure, found: bigint, sum: bigint): Drift | undefined {
  const expected = figure.most !== undefined && sum > BigInt(figure.most) ? BigInt(figure.most) : sum
  if (found === expected) return undefined
  return {
    what: `${subject}: ${figure.name}`,
    expected: figure.write(expected),
    found: figure.write(found),
    difference: figure.write(found - expected),
  }
}

/** Formats a drift as one line. */
export function driftLine({ what, expected, found, difference }: Drift): string {
  return `${what} should be ${expected}, is ${found}${difference === null ? '' : ` (off by ${difference})`}`
}
