import type { z } from 'zod'

type JsonSchema = z.core.JSONSchema.BaseSchema

/**
 * A value that a JSON Schema allows: what it gives as its example; else its only or first value, the least one, or an
 * object of the fields that must be there. Undefined when the schema has too few examples for that. `named` are the
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
