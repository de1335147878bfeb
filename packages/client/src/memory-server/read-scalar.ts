import { dayProblem, isStorable, STORABLE_HINT, toInstant } from '@mgx/contract'
import { patternHints } from './field-rules.js'
import type { Place, Report } from './read-input.js'
import type { Schema } from './schema.js'

/** What the formats are called when a text is none of them. */
const formats: Readonly<Record<string, string>> = {
  'date-time': 'Invalid ISO datetime',
  date: 'Invalid ISO date',
  email: 'Invalid email address',
}

/** What a value is, as the server calls it. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** A text, a number or one of some words; reports what is wrong with it. */
export function readScalar(schema: Schema, value: unknown, place: Place, report: Report): unknown {
  if (schema.enum) {
    const options = schema.enum.map((option) => JSON.stringify(option)).join('|')
    if (!schema.enum.includes(value as string)) report(`Invalid option: expected one of ${options}`, true)
  } else if (schema.type === 'integer') {
    if (typeof value === 'number') checkInteger(schema, value, report)
    else report(`Invalid input: expected number, received ${typeName(value)}`, true)
  } else if (typeof value === 'string') return readText(schema, value, place, report)
  else {
    report(`Invalid input: expected string, received ${typeName(value)}`, true)
    checkLength(value, { least: schema.minLength, most: schema.maxLength }, report)
  }
  return value
}

/** Reports a text or a list that is too short or too long, also where the other of the two is expected. */
export function checkLength(
  value: unknown,
  { least = 0, most = Number.POSITIVE_INFINITY }: { least?: number | undefined; most?: number | undefined },
  report: Report,
): void {
  if (typeof value !== 'string' && !Array.isArray(value)) return
  // Of a text, as JSON Schema says, in code points.
  const { length } = [...value]
  const [what, unit] = typeof value === 'string' ? ['string', 'characters'] : ['array', 'items']
  if (length > most) report(`Too big: expected ${what} to have <=${most} ${unit}`)
  if (length < least) report(`Too small: expected ${what} to have >=${least} ${unit}`)
}

function checkInteger({ minimum, exclusiveMinimum, maximum }: Schema, value: number, report: Report): void {
  if (!Number.isInteger(value)) {
    report('Invalid input: expected int, received number', true)
    return
  }
  const most = Number.MAX_SAFE_INTEGER
  if (value > most) report(`Too big: expected int to be <=${most}`)
  if (value < -most) report(`Too small: expected int to be >=${-most}`)
  if (minimum !== undefined && value < minimum) report(`Too small: expected number to be >=${minimum}`)
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) {
    report(`Too small: expected number to be >${exclusiveMinimum}`)
  }
  if (maximum !== undefined && maximum < most && value > maximum) {
    report(`Too big: expected number to be <=${maximum}`)
  }
}

function readText(schema: Schema, value: string, place: Place, report: Report): string {
  const { format, pattern, minLength, maxLength } = schema
  if (pattern !== undefined && !new RegExp(pattern).test(value)) {
    report(formats[format ?? ''] ?? patternHints[place.field] ?? `Invalid string: must match pattern /${pattern}/`)
    if (format === 'date-time') return value
  }
  checkLength(value, { most: maxLength }, report)
  // A cursor is not stored; what matches a pattern is storable.
  if (maxLength !== undefined && pattern === undefined && !place.field.endsWith('.cursor') && !isStorable(value))
    report(STORABLE_HINT)
  checkLength(value, { least: minLength }, report)
  const problem = format === 'date' ? dayProblem(value) : undefined
  if (problem) report(problem)
  return format === 'date-time' ? readInstant(value, report) : value
}

function readInstant(value: string, report: Report): string {
  try {
    return toInstant(value)
  } catch (error) {
    report((error as RangeError).message, true)
    return value
  }
}
