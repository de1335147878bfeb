import type { z } from 'zod'

/** JSON Schema 2020-12, as zod writes it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema
export type JsonSchemas = Record<string, JsonSchema>

/** Where a call carries its idempotency key: on the input itself, or on each item of one of its lists. */
export type KeyPlace = 'input' | { each: string }

export type DescribedProcedure = {
  type: 'query' | 'mutation' | 'subscription'
  description: string
  /** What a caller needs: a word of the server's closed set, where `public` needs no credential. */
  authority: string
  input: JsonSchema
  /** Whether the whole input may be omitted. */
  inputOptional: boolean
  /** For a subscription, the schema of one event. */
  output: JsonSchema
  idempotencyKey?: KeyPlace
  /** Whether repeating the same call has no further effect and returns the same response. */
  idempotent: boolean
}

/** The contract as one JSON document: JSON Schema for every input and output, and a hash that identifies it. */
export type ContractDocument = {
  $schema: string
  hash: string
  /** Keyed by path, such as `projects.create`. */
  procedures: Record<string, DescribedProcedure>
  /** The HTTP status of each reason in the closed list. */
  reasons: Record<string, number>
  $defs: JsonSchemas
}

const REF = '#/$defs/'

/** Returns the name that a schema's `$ref` points to; undefined for a schema without one. */
export const refName = (schema: JsonSchema): string | undefined => schema.$ref?.slice(REF.length)

/** Returns the schema itself, or the schema that its `$ref` points to. */
export const resolve = (schema: JsonSchema, $defs: JsonSchemas): JsonSchema => {
  const name = refName(schema)
  return name === undefined ? schema : ($defs[name] ?? {})
}

export const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether the schema allows only an object without fields. */
export const isEmptyObject = (schema: JsonSchema): boolean =>
  schema.additionalProperties === false && Object.keys(schema.properties ?? {}).length === 0

/** Returns the schema of the rows of a page (`{ items, nextCursor }`); undefined for any other schema. */
export function pageRow(schema: JsonSchema): JsonSchema | undefined {
  const { items, nextCursor, ...others } = schema.properties ?? {}
  if (!isSchema(items) || !isSchema(nextCursor) || Object.keys(others).length > 0) return undefined
  return isSchema(items.items) ? items.items : undefined
}

/**
 * Returns a value that a JSON Schema allows: its own example if it has one, otherwise its constant, its first enum
 * value or form, the smallest id, or an object of its required fields. Returns undefined when the schema has too few
 * examples for that. `named` looks up a schema by the last part of a `$ref`.
 */
export function exampleOf(schema: JsonSchema, named: (name: string) => JsonSchema | undefined): unknown {
  const [given] = schema.examples ?? []
  if (given !== undefined) return given
  if (schema.$ref) return exampleOf(named(schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)) ?? {}, named)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const form = (schema.anyOf ?? schema.oneOf)?.[0]
  if (form) return exampleOf(form as JsonSchema, named)
  // Only row ids have this form.
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
