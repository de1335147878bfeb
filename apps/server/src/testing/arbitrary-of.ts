import type { JsonSchema } from '@mgx/contract/contract-document'
import fc from 'fast-check'
import { components, type Operation } from '../rest/operations.js'
import { resolved } from '../rest/schemas.js'

/** Ids up to this one mostly belong to existing rows. */
const SMALL = 6

/** Generates inputs that an operation's schemas allow, and the same with one fault. */
export function inputsOf({ parameters, body }: Operation): fc.Arbitrary<Record<string, unknown>> {
  const path = Object.fromEntries(parameters.map(({ name, schema }) => [name, arbitraryOf(schema)]))
  const needed = parameters.filter(({ required }) => required).map(({ name }) => name)
  const right = fc
    .tuple(fc.record(path, { requiredKeys: needed }), body ? arbitraryOf(body.schema) : fc.constant({}))
    .map(([inUrl, inBody]) => ({ ...(inBody as object), ...inUrl }) as Record<string, unknown>)
  const wrongField = fc.tuple(right, fc.nat(), hostile).map(([input, index, value]) => {
    const names = Object.keys(input)
    return names.length > 0 ? { ...input, [names[index % names.length] ?? '']: value } : { unknown: value }
  })
  const lessOrMore = fc.tuple(right, fc.nat(), fc.string(), hostile).map(([input, index, name, value]) => {
    const fields = Object.entries(input)
    const inPath = (field: string) => parameters.some((each) => each.in === 'path' && each.name === field)
    return Object.fromEntries([...fields.filter(([field], at) => at !== index % 3 || inPath(field)), [name, value]])
  })
  return fc.oneof(right, wrongField, lessOrMore)
}

/** Generates values that a JSON Schema allows. Knows the keywords that the contract's schemas use. */
function arbitraryOf(reference: JsonSchema): fc.Arbitrary<unknown> {
  const schema = resolved(reference, components)
  const forms = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined
  if (forms) return fc.oneof(...forms.map(arbitraryOf))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => arbitraryOf({ ...schema, type })))
  switch (schema.type) {
    case 'string':
      return text(schema)
    case 'number':
      return fc.oneof(fc.constantFrom(0, 0.025, 1e-9, 3), fc.double({ noNaN: true }))
    case 'integer':
      return integer(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(arbitraryOf(schema.items as JsonSchema), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      })
    case 'object':
      return object(schema)
    case undefined:
      return fc.jsonValue()
    default:
      throw new Error(`No values are made for this JSON Schema: ${JSON.stringify(schema)}`)
  }
}

/** Values that no schema expects: other types, extreme numbers, texts that databases and URLs mishandle. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    [],
    {},
    '',
    ' ',
    '0',
    '-1',
    '1e3',
    '007',
    '1.0',
    'NaN',
    '%',
    '%00',
    '..',
    '/',
    '\0',
    '\ud800',
  ),
  fc.constantFrom(0, -1, 0.5, 2 ** 53, -(2 ** 53), 1e308, -0, 2147483648, 2 ** 63),
  fc.constantFrom("' OR 1=1 --", '__proto__', 'constructor', '🐍'.repeat(300), 'x'.repeat(5_000), '1'.repeat(400)),
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
)

function text({ format, pattern, minLength = 0, maxLength = 50 }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'date-time') return fc.date({ noInvalidDate: true, ...years }).map((date) => date.toISOString())
  if (format === 'date')
    return fc.date({ noInvalidDate: true, ...years }).map((date) => date.toISOString().slice(0, 10))
  if (format === 'email') return fc.emailAddress()
  if (pattern) return fc.stringMatching(new RegExp(pattern))
  const usual = fc.constantFrom('gpt-4o', '0.5', 'Snake').filter((word) => word.length >= minLength)
  return fc.oneof(usual, fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 50) }))
}

const years = { min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z') }

function integer({ minimum, exclusiveMinimum, maximum = Number.MAX_SAFE_INTEGER }: JsonSchema): fc.Arbitrary<number> {
  const min = minimum ?? (exclusiveMinimum === 0 ? 1 : Number.MIN_SAFE_INTEGER)
  const small = fc.integer({ min: Math.max(min, 0), max: Math.min(maximum, Math.max(min, 0) + SMALL) })
  return fc.oneof(
    { arbitrary: small, weight: 4 },
    { arbitrary: fc.maxSafeInteger().filter((n) => n >= min && n <= maximum), weight: 1 },
  )
}

function object({ properties, required = [], additionalProperties }: JsonSchema): fc.Arbitrary<unknown> {
  if (!properties) {
    const values =
      typeof additionalProperties === 'object' ? arbitraryOf(additionalProperties as JsonSchema) : fc.jsonValue()
    return fc.dictionary(fc.string(), values, { maxKeys: 5 })
  }
  const fields = Object.entries(properties).map(([name, field]) => [name, arbitraryOf(field as JsonSchema)])
  return fc.record<Record<string, unknown>>(Object.fromEntries(fields), { requiredKeys: required })
}
