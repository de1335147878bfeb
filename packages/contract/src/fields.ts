import { z } from 'zod'
import { formatUsd, nanoFromNumber, parseUsd } from './money.js'

/** NUL cannot be stored by PostgreSQL, a lone surrogate cannot be written as UTF-8. */
const UNSTORABLE = /[\0\p{Cs}]/u
const STORABLE_HINT = 'must not contain NUL or a lone surrogate'
const METADATA_BYTES = 16 * 1024
const METADATA_LEVELS = 32

/** Text of 1 to `max` characters that both databases can store. */
export const text = (max: number) => optionalText(max).min(1)

/** Text of 0 to `max` characters that both databases can store. */
export const optionalText = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !UNSTORABLE.test(value), STORABLE_HINT)

/** The integer id of a row. */
export const id = z.int().positive()

/** A count of tokens, 0 to 2^53 - 1. */
export const tokens = z.int().min(0)
export const promptTokens = tokens.meta({ description: 'Tokens sent, cached ones among them.', examples: [1000] })
export const completionTokens = tokens.meta({ description: 'Tokens received.', examples: [500] })

/** A model as its provider names it. */
export const model = text(200).meta({ examples: ['gpt-4-turbo'] })

/** An instant, ISO-8601 in UTC with milliseconds. */
export const instant = z.iso.datetime({ precision: 3 }).meta({ kind: 'instant' })

/** An instant a caller names: ISO-8601 with a zone, in the years 1 to 9999; read as UTC with milliseconds. */
export const instantInput = z.iso
  .datetime({ offset: true })
  .transform((value, context) => {
    const year = new Date(value).getUTCFullYear()
    if (year >= 1 && year <= 9999) return new Date(value).toISOString()
    context.addIssue('must be in the years 1 to 9999, in UTC')
    return z.NEVER
  })
  .meta({ description: 'ISO-8601 with a zone.' })

/** A UTC day, YYYY-MM-DD. PostgreSQL has no year 0. */
export const day = z.iso.date().refine((value) => value >= '0001', 'must be in year 1 or later')

/** Money in an answer: the canonical decimal string of USD. */
export const usd = z
  .string()
  .regex(/^-?(0|[1-9]\d*)(\.\d{0,8}[1-9])?$/)
  .meta({ kind: 'usd', description: 'USD, a decimal string with up to nine decimals.' })

/** Money from a caller: a decimal string of USD or a finite number (rounded half-even to nano-USD); becomes the canonical string. */
export const usdInput = z
  .union([z.string(), z.number()], { error: 'must be a decimal string of USD or a finite number' })
  .transform((value, context) => {
    try {
      const nano = typeof value === 'string' ? parseUsd(value) : nanoFromNumber(value)
      if (nano >= 0n) return formatUsd(nano)
      context.addIssue('must not be negative')
    } catch (error) {
      context.addIssue((error as RangeError).message)
    }
    return z.NEVER
  })
  .meta({
    description:
      'USD, zero or more: a decimal string with up to nine decimals, or a number (rounded half-even to nine decimals).',
  })

/** Free JSON a caller keeps with a row: an object of at most 16 KiB and 32 levels. */
export const metadata = z
  .record(z.string(), z.unknown())
  .superRefine((value, context) => {
    const problem = metadataProblem(value)
    if (problem) context.addIssue(problem)
  })
  .meta({ kind: 'json', description: 'Any JSON object, at most 16 KiB and 32 levels.' })

/** Walks without recursion, because the depth is the caller's to choose. */
function metadataProblem(root: object): string | undefined {
  const open: { value: unknown; level: number }[] = [{ value: root, level: 1 }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, level } = next
    if (typeof value === 'string' && UNSTORABLE.test(value)) return STORABLE_HINT
    if (typeof value === 'number' && !Number.isFinite(value)) return 'must hold finite numbers only'
    if (typeof value !== 'object' || value === null) continue
    if (level > METADATA_LEVELS) return `must have at most ${METADATA_LEVELS} levels`
    for (const [key, child] of Object.entries(value)) {
      if (UNSTORABLE.test(key)) return STORABLE_HINT
      open.push({ value: child, level: level + 1 })
    }
  }
  const bytes = new TextEncoder().encode(JSON.stringify(root)).length
  return bytes > METADATA_BYTES ? 'must be at most 16 KiB' : undefined
}

/** A caller's key for one money-moving call: the same key and content again gives the first outcome. */
export const idempotencyKey = text(255).meta({
  description: 'Sent again with the same content it answers as the first time; with other content it is refused.',
})
