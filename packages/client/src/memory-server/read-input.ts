import { CACHED_TOKENS_HINT, countsCachedTokens, metadataProblem, toUsd, USD_HINT } from '@mgx/contract'
import { fieldRules, formHints } from './field-rules.js'
import { type Issue, invalidInput, nearestIssues } from './issues.js'
import { checkLength, readScalar, typeName } from './read-scalar.js'
import { definitions, nameOf, procedures, type Schema } from './schema.js'

/** Where a value stands: its dotted path, and the type and the field that its schema is of. */
export type Place = { readonly path: string; readonly type: string; readonly field: string }

export type Report = (message: string, fatal?: boolean) => void

/**
 * An input as the server makes it of what was sent: with its defaults, its amounts and instants in their canonical writing.
 * Read off the contract's JSON Schema.
 * @throws DomainError `invalid_input` with the fields, in the words of the server.
 */
export function readInput(procedure: string, sent: unknown): unknown {
  const { input, inputOptional } = procedures[procedure] ?? {}
  if (!input) return undefined
  const issues: Issue[] = []
  const given = inputOptional && sent === undefined ? {} : sent
  const value = read(input, given, { path: '', type: '', field: '' }, issues)
  if (issues.length > 0) throw invalidInput(issues)
  return value
}

function read(schema: Schema, value: unknown, place: Place, issues: Issue[]): unknown {
  if (value === undefined && schema.default !== undefined) return schema.default
  const report: Report = (message, fatal = false) => issues.push({ path: place.path, message, fatal })
  if (schema.$ref) {
    const type = nameOf(schema.$ref)
    return read(definitions[type] ?? {}, value, { ...place, type }, issues)
  }
  if (schema.anyOf) return readForms(schema.anyOf, value, place, issues)
  if (Array.isArray(schema.type)) return readUsd(value, report)
  if (schema.type === 'object') return readObject(schema, value, place, issues)
  if (schema.type === 'array') return readArray(schema, value, place, issues)
  return readScalar(schema, value, place, report)
}

function readForms(forms: readonly Schema[], value: unknown, place: Place, issues: Issue[]): unknown {
  const others = forms.filter(({ type }) => type !== 'null')
  if (others.length < forms.length && value === null) return null
  const tried = others.map((form) => {
    const found: Issue[] = []
    return { value: read(form, value, place, found), found }
  })
  const fitting = tried.find(({ found }) => found.length === 0)
  // The id of an event is a number, or the digits of one.
  if (fitting && place.field === 'WatchCostsInput.lastEventId') {
    return read({ type: 'integer' }, Number(fitting.value), place, issues)
  }
  if (fitting) return fitting.value
  const all = tried.map(({ found }) => found)
  const hint = { path: place.path, message: formHints[place.field] ?? 'Invalid input', fatal: true }
  issues.push(...((others.length === 1 ? all[0] : nearestIssues(all, place.path)) ?? [hint]))
  return undefined
}

/** Only amounts may be written both as a string and as a number. */
function readUsd(value: unknown, report: Report): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') {
    report(USD_HINT, true)
    return undefined
  }
  try {
    return toUsd(value)
  } catch (error) {
    report((error as RangeError).message, true)
    return undefined
  }
}

function readObject(schema: Schema, value: unknown, place: Place, issues: Issue[]): unknown {
  const report: Report = (message, fatal = false) => issues.push({ path: place.path, message, fatal })
  const { properties } = schema
  if (typeName(value) !== 'object') {
    report(`Invalid input: expected ${properties ? 'object' : 'record'}, received ${typeName(value)}`, true)
    return undefined
  }
  const sent = value as Record<string, unknown>
  if (!properties) {
    const problem = schema.kind === 'json' ? metadataProblem(sent) : undefined
    if (problem) report(problem)
    return sent
  }
  const before = issues.length
  const made: [string, unknown][] = []
  for (const [name, field] of Object.entries(properties)) {
    const own = Object.hasOwn(sent, name) ? sent[name] : undefined
    if (own === undefined && field.default === undefined && !schema.required?.includes(name)) continue
    made.push([name, readField(field, own, inside(place, name), issues)])
  }
  for (const name of Object.keys(sent).filter((key) => !Object.hasOwn(properties, key))) {
    issues.push({ path: inside(place, name).path, message: 'unknown field', fatal: true })
  }
  const whole = Object.fromEntries(made)
  if (issues.length === before && 'cachedPromptTokens' in whole && !countsCachedTokens(whole as Tokens)) {
    issues.push({ path: inside(place, 'cachedPromptTokens').path, message: CACHED_TOKENS_HINT, fatal: false })
  }
  return whole
}

type Tokens = Parameters<typeof countsCachedTokens>[0]

function readField(schema: Schema, value: unknown, place: Place, issues: Issue[]): unknown {
  const before = issues.length
  const made = read(schema, value, place, issues)
  const rule = fieldRules[place.field]
  const problem = issues.slice(before).some(({ fatal }) => fatal) ? undefined : rule?.(made as never)
  if (problem) issues.push({ path: place.path, message: problem, fatal: false })
  return made
}

function readArray(schema: Schema, value: unknown, place: Place, issues: Issue[]): unknown {
  const report: Report = (message, fatal = false) => issues.push({ path: place.path, message, fatal })
  const { items = {}, minItems: least, maxItems: most = Number.POSITIVE_INFINITY } = schema
  const isList = Array.isArray(value)
  if (!isList) report(`Invalid input: expected array, received ${typeName(value)}`, true)
  // The rows of a list that is too long are not looked at.
  const isFatal = isList && value.length > most
  checkLength(value, { least, most }, (message) => report(message, isFatal))
  if (!isList || isFatal) return undefined
  return value.map((each, index) => read(items, each, { ...inside(place, String(index)), field: '' }, issues))
}

function inside({ path, type }: Place, name: string): Place {
  return { path: path ? `${path}.${name}` : name, type, field: `${type}.${name}` }
}
