/** Where a sum is taken in two halves: an integer is its upper half times this, and its lower half. */
export const HALF = 2n ** 32n

/** The sum that a dialect's `exactSum` wrote: in digits, or its two halves in digits. */
export function readSum(text: string): bigint {
  const [first = '', second] = text.split(' ')
  return second === undefined ? BigInt(first) : BigInt(first) * HALF + BigInt(second)
}
