import type { z } from 'zod'

/** JSON Schema 2020-12, as zod writes it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema
export type JsonSchemas = Record<string, JsonSchema>

/** Where a call carries its idempotency key: on the input itself, or on each row of one of its lists. */
export type KeyPlace = 'input' | { each: string }

export type DescribedProcedure = {
  type: 'query' | 'mutation' | 'subscription'
  description: string
  /** Who may call it: a word of the server's closed set, `public` meaning anyone. */
  authority: string
  input: JsonSchema
  /** Whether the input may be left out as a whole. */
  inputOptional: boolean
  /** Of a subscription: one event. */
  output: JsonSchema
  idempotencyKey?: KeyPlace
  /** Whether the same call again does nothing more and answers as before. */
  idempotent: boolean
}

/** The contract as one JSON document: JSON Schema for every input and output, and the hash that names it. */
export type ContractDocument = {
  $schema: string
  hash: string
  /** By path: `projects.create`. */
  procedures: Record<string, DescribedProcedure>
  /** The closed list of reasons, and the HTTP status of each. */
  reasons: Record<string, number>
  $defs: JsonSchemas
}

const REF = '#/$defs/'

/** Returns the name a `$ref` of the document points at; undefined for any other schema. */
export const refName = (schema: JsonSchema): string | undefined => schema.$ref?.slice(REF.length)

/** Returns the schema, or what it refers to. */
export const resolve = (schema: JsonSchema, $defs: JsonSchemas): JsonSchema => {
  const name = refName(schema)
  return name === undefined ? schema : ($defs[name] ?? {})
}

export const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether the schema is of an object that may have no fields. */
export const isEmptyObject = (schema: JsonSchema): boolean =>
  schema.additionalProperties === false && Object.keys(schema.properties ?? {}).length === 0

/** Returns the schema of the rows of a page (`{ items, nextCursor }`); undefined for any other schema. */
export function pageRow(schema: JsonSchema): JsonSchema | undefined {
  const { items, nextCursor, ...others } = schema.properties ?? {}
  if (!isSchema(items) || !isSchema(nextCursor) || Object.keys(others).length > 0) return undefined
  return isSchema(items.items) ? items.items : undefined
}

/**
 * Returns a value that a JSON Schema allows: what it gives as its example; else its only or first value, the least one, or
 * an object of the fields that must be there. Undefined when the schema has too few examples for that. `named` are the
 * schemas that references name in their last part.
 */
export function exampleOf(schema: JsonSchema, named: (name: string) => JsonSchema | undefined): unknown {
  const [given] = schema.examples ?? []
  if (given !== undefined) return given
  if (schema.$ref) return exampleOf(named(schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)) ?? {}, named)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const form = (schema.anyOf ?? schema.oneOf)?.[0]
  if (form) return exampleOf(form as JsonSchema, named)
  // An id.
  if (schema.type === 'integer' && schema.exclusiveMinimum === 0) return 1
  if (schema.type === 'array' && schema.items) {
    const item = exampleOf(schema.items as JsonSchema, named)
    return item === undefined ? undefined : [item]
  }
  if (schema.type !== 'object') return undefined
  const fields = (schema.required ?? []).map((name) => [
    name,
    exampleOf((schema.properties?.[name] ?? {}) as JsonSchema, named),
  ])
  return fields.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(fields)
}
