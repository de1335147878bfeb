import { z } from 'zod'
import { MAX_IDEMPOTENCY_KEY_LENGTH } from './limits.js'
import { formatUsd, nanoFromNumber, parseUsd } from './money.js'

/** Turns a function that returns a problem, or undefined, into a check for `superRefine`. */
export const refusing =
  <Value>(problemOf: (value: Value) => string | undefined) =>
  (value: Value, context: z.RefinementCtx): void => {
    const problem = problemOf(value)
    if (problem) context.addIssue(problem)
  }

/** Turns a function that throws a RangeError for a bad value into a check for `transform`. */
const transformWith =
  <Value, Made>(make: (value: Value) => Made) =>
  (value: Value, context: z.RefinementCtx): Made => {
    try {
      return make(value)
    } catch (error) {
      context.addIssue((error as RangeError).message)
      return z.NEVER
    }
  }

/** PostgreSQL cannot store NUL, and a lone surrogate cannot be encoded as UTF-8. */
export const UNSTORABLE = /[\0\p{Cs}]/u
export const STORABLE_HINT = 'must not contain NUL or a lone surrogate'

/** Text of 1 to `max` characters that both databases can store. */
export const text = (max: number) => optionalText(max).min(1)

/** Text of 0 to `max` characters that both databases can store. */
export const optionalText = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !UNSTORABLE.test(value), STORABLE_HINT)

/** Returns a count as descriptions write it: `10,000`. */
export const inWords = (count: number): string => count.toLocaleString('en-US')

/** The arguments of a `refine` that refuses a list which names something twice. */
export const namedOnce = (what: string) =>
  [(items: readonly unknown[]) => new Set(items).size === items.length, `must not name a ${what} twice`] as const

/** The integer id of a row. */
export const id = z.int().positive()

/** A count of tokens, 0 to 2^53 - 1. */
export const tokens = z.int().min(0)
export const promptTokens = tokens.meta({ description: 'Tokens sent, including cached ones.', examples: [1000] })
export const completionTokens = tokens.meta({ description: 'Tokens received.', examples: [500] })

/** A model name as its provider spells it. */
export const model = text(200).meta({ examples: ['gpt-4-turbo'] })

/** An instant, ISO-8601 in UTC with milliseconds. */
export const instant = z.iso.datetime({ precision: 3 }).meta({ kind: 'instant' })

/** An instant from a caller: ISO-8601 with a time zone, in the years 1 to 9999; converted to UTC with milliseconds. */
export const instantInput = z.iso
  .datetime({ offset: true })
  .transform(transformWith(toInstant))
  .meta({ description: 'ISO-8601 with a time zone.' })

function toInstant(text: string): string {
  const year = new Date(text).getUTCFullYear()
  if (year >= 1 && year <= 9999) return new Date(text).toISOString()
  throw new RangeError('must be in the years 1 to 9999, in UTC')
}

/** A UTC day, YYYY-MM-DD, in the years 1 to 9999: PostgreSQL has no year 0. */
export const day = z.iso.date().refine((value) => value >= '0001', 'must be in year 1 or later')

/** An amount in a response: the canonical decimal string of USD. */
export const usd = z
  .string()
  .regex(/^-?(0|[1-9]\d*)(\.\d{0,8}[1-9])?$/)
  .meta({ kind: 'usd', description: 'USD, a decimal string with up to nine decimals.' })

/**
 * An amount from a caller: a decimal string of USD, or a finite number (rounded half-even to nano-USD); converted to
 * the canonical string.
 */
export const usdInput = z
  .union([z.string(), z.number()], { error: 'must be a decimal string of USD or a finite number' })
  .transform(transformWith(toUsd))
  .meta({
    description:
      'USD, zero or more: a decimal string with up to nine decimals, or a number (rounded half-even to nine decimals).',
  })

function toUsd(amount: string | number): string {
  const nano = typeof amount === 'string' ? parseUsd(amount) : nanoFromNumber(amount)
  if (nano >= 0n) return formatUsd(nano)
  throw new RangeError('must not be negative')
}

/** A caller's key for one money-moving call: repeating the key with the same content returns the first outcome. */
export const idempotencyKey = text(MAX_IDEMPOTENCY_KEY_LENGTH).meta({
  description:
    'Repeating a key with the same content returns the first response; with different content, the call is refused.',
})
