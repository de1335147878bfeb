import { formatUsd, nanoFromNumber, parseUsd } from './money.js'

// What an input must be beyond its type, without zod: also for code that knows the inputs from their JSON Schema only.
// The hints say what it must be. A function named `…Problem` answers what is wrong, or undefined.

/** NUL cannot be stored by PostgreSQL, a lone surrogate cannot be written as UTF-8. */
const UNSTORABLE = /[\0\p{Cs}]/u
const METADATA_BYTES = 16 * 1024
const METADATA_LEVELS = 32

export const STORABLE_HINT = 'must not contain NUL or a lone surrogate'
export const CACHED_TOKENS_HINT = 'must not be more than promptTokens'
export const USD_HINT = 'must be a decimal string of USD or a finite number'
export const API_KEY_HINT = 'must be 16 to 128 printable ASCII characters without spaces'
export const EVENT_ID_HINT = 'must be the id of a cost record, or 0'

/** Text that both databases can store. */
export const isStorable = (text: string): boolean => !UNSTORABLE.test(text)

/** A name that looks like what it is. */
export function usernameProblem(name: string): string | undefined {
  if (name.trim() !== name) return 'must not begin or end with white space'
  return /[\p{Cc}\p{Cf}]/u.test(name) ? 'must not contain control or invisible characters' : undefined
}

/** PostgreSQL has no year 0. */
export const dayProblem = (day: string): string | undefined => (day < '0001' ? 'must be in year 1 or later' : undefined)

/** A report is grouped by each of its groups once. */
export const groupsProblem = (groups: readonly string[]): string | undefined =>
  new Set(groups).size === groups.length ? undefined : 'must not name a group twice'

/** Nothing is no reservation. */
export const holdProblem = (amount: string): string | undefined =>
  amount === '0' ? 'must be more than zero' : undefined

/** Cached tokens are among the prompt tokens. */
export const countsCachedTokens = (call: { promptTokens: number; cachedPromptTokens: number }): boolean =>
  call.cachedPromptTokens <= call.promptTokens

/** An ISO-8601 instant with a zone, in UTC with milliseconds. @throws RangeError outside of the years 1 to 9999. */
export function toInstant(text: string): string {
  const year = new Date(text).getUTCFullYear()
  if (year >= 1 && year <= 9999) return new Date(text).toISOString()
  throw new RangeError('must be in the years 1 to 9999, in UTC')
}

/** A caller's amount as the canonical decimal string of USD. @throws RangeError when it is none, or is negative. */
export function toUsd(amount: string | number): string {
  const nano = typeof amount === 'string' ? parseUsd(amount) : nanoFromNumber(amount)
  if (nano >= 0n) return formatUsd(nano)
  throw new RangeError('must not be negative')
}

/** Bounded, storable JSON. Walks without recursion, because the depth is the caller's to choose. */
export function metadataProblem(root: object): string | undefined {
  const open: { value: unknown; level: number }[] = [{ value: root, level: 1 }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, level } = next
    if (typeof value === 'string' && UNSTORABLE.test(value)) return STORABLE_HINT
    if (typeof value === 'number' && !Number.isFinite(value)) return 'must hold finite numbers only'
    if (typeof value !== 'object' || value === null) continue
    if (level > METADATA_LEVELS) return `must have at most ${METADATA_LEVELS} levels`
    for (const [key, child] of Object.entries(value)) {
      if (UNSTORABLE.test(key)) return STORABLE_HINT
      // Whoever copies it key by key would change the copy's prototype instead.
      if (key === '__proto__') return 'must not have a key __proto__'
      open.push({ value: child, level: level + 1 })
    }
  }
  const bytes = new TextEncoder().encode(JSON.stringify(root)).length
  return bytes > METADATA_BYTES ? 'must be at most 16 KiB' : undefined
}
