import { z } from 'zod'
import { dayProblem, isStorable, metadataProblem, STORABLE_HINT, toInstant, toUsd, USD_HINT } from './well-formed.js'

/** The check that finds no problem: a refinement that says what is wrong. */
export const without =
  <Value>(problemOf: (value: Value) => string | undefined) =>
  (value: Value, context: z.RefinementCtx): void => {
    const problem = problemOf(value)
    if (problem) context.addIssue(problem)
  }

/** The transformation to what a function makes of the value; the RangeError that it throws is what is wrong. */
const to =
  <Value, Made>(make: (value: Value) => Made) =>
  (value: Value, context: z.RefinementCtx): Made => {
    try {
      return make(value)
    } catch (error) {
      context.addIssue((error as RangeError).message)
      return z.NEVER
    }
  }

/** Text of 1 to `max` characters that both databases can store. */
export const text = (max: number) => optionalText(max).min(1)

/** Text of 0 to `max` characters that both databases can store. */
export const optionalText = (max: number) => z.string().max(max).refine(isStorable, STORABLE_HINT)

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
  .transform(to(toInstant))
  .meta({ description: 'ISO-8601 with a zone.' })

/** A UTC day, YYYY-MM-DD. */
export const day = z.iso.date().superRefine(without(dayProblem))

/** Money in an answer: the canonical decimal string of USD. */
export const usd = z
  .string()
  .regex(/^-?(0|[1-9]\d*)(\.\d{0,8}[1-9])?$/)
  .meta({ kind: 'usd', description: 'USD, a decimal string with up to nine decimals.' })

/** Money from a caller: a decimal string of USD or a finite number (rounded half-even to nano-USD); becomes the canonical string. */
export const usdInput = z.union([z.string(), z.number()], { error: USD_HINT }).transform(to(toUsd)).meta({
  description:
    'USD, zero or more: a decimal string with up to nine decimals, or a number (rounded half-even to nine decimals).',
})

/** Any JSON object. A caller may give any `object`: no interface or class is a `Record<string, unknown>` to TypeScript. */
export const jsonObject = z.record(z.string(), z.unknown()) as z.ZodType<Record<string, unknown>, object>

/** Free JSON that a caller keeps with a row: any object. */
export const metadata = jsonObject.meta({
  kind: 'json',
  description: 'Any JSON object, at most 16 KiB and 32 levels.',
})

/** Free JSON from a caller. It is judged as it was sent: the copy that a record makes lacks a key `__proto__`. */
export const metadataInput = z.preprocess((sent: object, context) => {
  if (typeof sent === 'object' && sent !== null) without(metadataProblem)(sent, context)
  return sent
}, metadata)

/** A caller's key for one money-moving call: the same key and content again gives the first outcome. */
export const idempotencyKey = text(255).meta({
  description: 'Sent again with the same content it answers as the first time; with other content it is refused.',
})
