import * as contract from '@mgx/contract'
import { z } from 'zod'

export type JsonSchema = z.core.JSONSchema.BaseSchema
export type Schemas = Record<string, JsonSchema>

const REF = '#/components/schemas/'

export const refTo = (name: string): JsonSchema => ({ $ref: REF + name })

/** What a reference points at; any other schema is itself. */
export const resolved = (schema: JsonSchema, schemas: Schemas): JsonSchema =>
  schemas[schema.$ref?.slice(REF.length) ?? ''] ?? schema

const exported = new Map<unknown, string>()
for (const [name, schema] of Object.entries(contract)) if (schema instanceof z.ZodType) exported.set(schema, name)

/** The name a schema has in the contract; a page is named after its rows. */
export function nameOf(schema: z.ZodType): string | undefined {
  const rows = schema instanceof z.ZodObject ? schema.shape.items : undefined
  const row = rows instanceof z.ZodArray ? exported.get(rows.element) : undefined
  return exported.get(schema) ?? (row && `${row}Page`)
}

/**
 * JSON Schema of some zod schemas by name, and of what they refer to in the contract, as they are taken or as they are
 * answered. They refer to each other as components of an OpenAPI document.
 * @throws Error on a schema that JSON Schema cannot say.
 */
export function jsonSchemas(named: ReadonlyMap<string, z.ZodType>, io: 'input' | 'output'): Schemas {
  const ids = new Map<unknown, string>([...exported, ...[...named].map(([name, schema]) => [schema, name] as const)])
  // The names go on top of what the schemas say of themselves: put into zod's own registry, others would find them there.
  const metadata = Object.assign(z.registry<Record<string, unknown>>(), {
    get: (schema: z.core.$ZodType) => ({ ...z.globalRegistry.get(schema), id: ids.get(schema) }),
  })
  const holder = z.object(Object.fromEntries(named))
  const { $defs = {} } = z.toJSONSchema(holder, { io, metadata, override: forDocument })
  return JSON.parse(JSON.stringify($defs).replaceAll('"#/$defs/', `"${REF}`))
}

/**
 * Without our own marks and the patterns behind formats; with the defaults and the examples of transformed fields, which
 * zod leaves out.
 */
function forDocument({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema }): void {
  delete jsonSchema.kind
  delete jsonSchema.id
  if (jsonSchema.format) delete jsonSchema.pattern
  if (zodSchema._zod.def.type === 'default') jsonSchema.default = zodSchema._zod.def.defaultValue
  const { examples } = z.globalRegistry.get(zodSchema) ?? {}
  if (Array.isArray(examples)) jsonSchema.examples = examples
}

/** Those of the schemas that `root` refers to, by whatever way. */
export function reachable(schemas: Schemas, root: unknown, found: Schemas = {}): Schemas {
  for (const [, name = ''] of JSON.stringify(root).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    const schema = schemas[name]
    if (!schema || found[name]) continue
    found[name] = schema
    reachable(schemas, schema, found)
  }
  return found
}
