import type { CallTraits } from './procedure-traits.js'

/**
 * Adds an idempotency key where the procedure takes one, unless the caller passed one, so that a retried call counts only
 * once. Leaves malformed input unchanged for the server to reject.
 */
export function withIdempotencyKey(input: unknown, place: CallTraits['idempotencyKey']): unknown {
  if (!place || !isObject(input)) return input
  if (place === 'input') return keyed(input)
  const rows = input[place.each]
  return Array.isArray(rows) ? { ...input, [place.each]: rows.map((row) => (isObject(row) ? keyed(row) : row)) } : input
}

const keyed = (row: Record<string, unknown>) => ({ ...row, idempotencyKey: row.idempotencyKey ?? newKey() })

const KEY_BYTES = 16
/** Random bytes for 100 keys at a time: requesting them costs several times as much as formatting a key. */
const random = new Uint8Array(100 * KEY_BYTES)
let used = random.length
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Returns 128 random bits as hex. Not `crypto.randomUUID`, which browsers provide only on secure pages. */
export function newKey(): string {
  if (used === random.length) {
    crypto.getRandomValues(random)
    used = 0
  }
  let key = ''
  for (const end = used + KEY_BYTES; used < end; used += 1) key += hex[random[used] as number]
  return key
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
