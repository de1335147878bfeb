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

const KEY_BYTES = 16
/** Asking for random bytes costs several times what a key takes of them: they are asked for by the hundred keys. */
const random = new Uint8Array(100 * KEY_BYTES)
let used = random.length
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** 128 random bits. Not `crypto.randomUUID`, which browsers have on secure pages only. */
function newKey(): string {
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
