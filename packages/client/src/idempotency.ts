import type { CallTraits } from './procedure-traits.js'

/**
 * Gives a call that counts something a key of its own, unless the caller gave one: a try that is repeated then counts
 * once. Input that is no such object is left as it is, for the server to refuse.
 */
export function withIdempotencyKey(input: unknown, place: CallTraits['idempotencyKey']): unknown {
  if (!place || !isObject(input)) return input
  if (place === 'input') return keyed(input)
  const rows = input[place.each]
  return Array.isArray(rows) ? { ...input, [place.each]: rows.map((row) => (isObject(row) ? keyed(row) : row)) } : input
}

const keyed = (row: Record<string, unknown>) => ({ ...row, idempotencyKey: row.idempotencyKey ?? newKey() })

/** 128 random bits. Not `crypto.randomUUID`, which browsers have on secure pages only. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
