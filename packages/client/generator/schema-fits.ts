import { isSchema, type JsonSchema, type JsonSchemas, resolve } from '@mgx/contract/contract-document'

/** A schema and the named types it refers to. */
export type Rooted = { schema: JsonSchema; types: JsonSchemas }

type Bound = 'minimum' | 'exclusiveMinimum' | 'minLength' | 'minItems' | 'maximum' | 'maxLength' | 'maxItems'

const lowerBounds: Bound[] = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems']
const upperBounds: Bound[] = ['maximum', 'maxLength', 'maxItems']

/**
 * Lists why a value of `from` may not fit `to`, one line per problem, each beginning with the field; returns an empty list
 * when every value fits. With `isOpen`, objects may have fields that `to` does not know. Supports only the JSON Schema
 * that zod generates.
 */
export function misfits(from: Rooted, to: Rooted, isOpen: boolean): string[] {
  const underWay = new Set<string>()
  return compare(from.schema, to.schema, 'it')

  function compare(narrow: JsonSchema, wide: JsonSchema, at: string): string[] {
    const pair = narrow.$ref !== undefined || wide.$ref !== undefined ? `${narrow.$ref} ${wide.$ref}` : undefined
    if (pair === undefined) return compareResolved(narrow, wide, at)
    // A recursive type is already being compared.
    if (underWay.has(pair)) return []
    underWay.add(pair)
    const lines = compareResolved(resolve(narrow, from.types), resolve(wide, to.types), at)
    underWay.delete(pair)
    return lines
  }

  function compareResolved(a: JsonSchema, b: JsonSchema, at: string): string[] {
    const forms = (schema: JsonSchema) => (schema.anyOf ?? schema.oneOf ?? []).filter(isSchema)
    if (forms(a).length > 0) return forms(a).flatMap((form) => compare(form, b, at))
    if (forms(b).length > 0) return nearest(forms(b).map((form) => compare(a, form, at)))
    return [...values(a, b, at), ...bounds(a, b, at), ...fields(a, b, at), ...members(a, b, at)]
  }

  function fields(a: JsonSchema, b: JsonSchema, at: string): string[] {
    const [ours, theirs] = [a.properties ?? {}, b.properties ?? {}]
    const required = (b.required ?? []).filter((name) => !a.required?.includes(name))
    const unknown = !isOpen && b.additionalProperties === false ? Object.keys(ours).filter((name) => !theirs[name]) : []
    const both = Object.entries(ours).flatMap(([name, field]) => {
      const other = theirs[name]
      return isSchema(field) && isSchema(other) ? compare(field, other, `${at}.${name}`) : []
    })
    return [
      ...required.map((name) => `${at}.${name} may be missing`),
      ...unknown.map((name) => `${at}.${name} is unknown`),
      ...both,
    ]
  }

  /** Compares the items of an array, and the keys and values of a record. */
  function members(a: JsonSchema, b: JsonSchema, at: string): string[] {
    const kinds = { items: '[]', propertyNames: '{name}', additionalProperties: '{value}' } as const
    return Object.entries(kinds).flatMap(([key, place]) => {
      const [ours, theirs] = [a[key], b[key]]
      return isSchema(ours) && isSchema(theirs) ? compare(ours, theirs, at + place) : []
    })
  }
}

/** Returns the problems with the alternative that has the fewest. */
function nearest(forms: string[][]): string[] {
  return forms.reduce((least, form) => (form.length < least.length ? form : least))
}

function values(a: JsonSchema, b: JsonSchema, at: string): string[] {
  const types = (schema: JsonSchema) => [schema.type ?? []].flat() as string[]
  const [ours, theirs] = [types(a), types(b)]
  const fits = (type: string) => theirs.includes(type) || (type === 'integer' && theirs.includes('number'))
  if (theirs.length > 0 && (ours.length === 0 || !ours.every(fits))) {
    return [
      `${at} may be ${ours.filter((type) => !fits(type)).join(' or ') || 'anything'}, not only ${theirs.join(' or ')}`,
    ]
  }
  const listed = (schema: JsonSchema) => ('const' in schema ? [schema.const] : schema.enum)
  const [some, all] = [listed(a), listed(b)]
  if (all === undefined) return []
  const others = some?.filter((value) => !all.includes(value as never)) ?? ['another value']
  return others.map((value) => `${at} may be ${JSON.stringify(value)}`)
}

function bounds(a: JsonSchema, b: JsonSchema, at: string): string[] {
  const past = (bound: Bound, isPast: (ours: number, theirs: number) => boolean): string[] => {
    const [ours, theirs] = [a[bound], b[bound]]
    if (typeof theirs !== 'number' || (typeof ours === 'number' && !isPast(ours, theirs))) return []
    return [`${at} may violate its ${bound} of ${theirs}`]
  }
  const texts = (['pattern', 'format'] as const).filter((key) => b[key] !== undefined && a[key] !== b[key])
  return [
    ...lowerBounds.flatMap((bound) => past(bound, (ours, theirs) => ours < theirs)),
    ...upperBounds.flatMap((bound) => past(bound, (ours, theirs) => ours > theirs)),
    ...texts.map((key) => `${at} may have a ${key} other than ${b[key]}`),
  ]
}
