import { divideHalfEven, formatUsd, nanoFromNumber, parseUsd } from '@mgx/contract/money'

/** An amount of USD: a decimal string with up to nine decimals (`"0.025"`), or a number, rounded half-even to nine decimals. */
export type UsdAmount = string | number

/** Exact arithmetic on USD. Results are decimal strings in the server's format: `"0.3"`, `"-1.5"`, `"100"`. */
export interface Usd {
  /** Returns the sum; `"0"` without arguments. */
  add(...amounts: UsdAmount[]): string
  /** Returns `from` minus `amount`; may be negative. */
  subtract(from: UsdAmount, amount: UsdAmount): string
  /** Returns -1 when `a` is less than `b`, 1 when it is more, 0 when they are equal: a comparator for `sort`. */
  compare(a: UsdAmount, b: UsdAmount): -1 | 0 | 1
  /**
   * Formats for display: `"$1,234.50"`. Exact, with at least two decimals; with `decimals` (0 to 9), rounded half-even
   * to that many.
   */
  format(amount: UsdAmount, decimals?: number): string
  /** Returns the nearest number, for charts. Do not calculate with it. */
  toNumber(amount: UsdAmount): number
}

const nano = (amount: UsdAmount): bigint => (typeof amount === 'number' ? nanoFromNumber(amount) : parseUsd(amount))

/** Exact arithmetic on USD. Every function throws a RangeError for an invalid amount or one beyond 9,007,199 USD. */
export const usd: Usd = {
  add: (...amounts) => formatUsd(amounts.reduce((sum, amount) => sum + nano(amount), 0n)),
  subtract: (from, amount) => formatUsd(nano(from) - nano(amount)),
  compare(a, b) {
    const difference = nano(a) - nano(b)
    return difference < 0n ? -1 : difference > 0n ? 1 : 0
  },
  format(amount, decimals) {
    const exact = nano(amount)
    const size = exact < 0n ? -exact : exact
    const shown = decimals === undefined ? formatUsd(size) : formatUsd(rounded(size, decimals))
    const [whole = '0', fraction = ''] = shown.split('.')
    const padded = fraction.padEnd(decimals ?? 2, '0')
    const text = `$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${padded && `.${padded}`}`
    return exact < 0n && /[1-9]/.test(text) ? `-${text}` : text
  },
  toNumber: (amount) => Number(formatUsd(nano(amount))),
}

function rounded(size: bigint, decimals: number): bigint {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 9)
    throw new RangeError('decimals must be an integer from 0 to 9')
  const step = 10n ** BigInt(9 - decimals)
  return divideHalfEven(size, step) * step
}
