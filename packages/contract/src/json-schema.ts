import { z } from 'zod'
import type { JsonSchema, JsonSchemas } from './contract-document.js'
import * as contract from './index.js'

/** Zod schemas, keyed by the names they get in JSON Schema. */
type Named = ReadonlyMap<string, z.ZodType>

const exported = new Map<unknown, string>()
for (const [name, schema] of Object.entries(contract)) if (schema instanceof z.ZodType) exported.set(schema, name)

/** Returns the name of a schema in the contract, undefined if it has none; a page is named after its rows. */
export function nameOf(schema: z.ZodType): string | undefined {
  const rows = schema instanceof z.ZodObject ? schema.shape.items : undefined
  const row = rows instanceof z.ZodArray ? exported.get(rows.element) : undefined
  return exported.get(schema) ?? (row && `${row}Page`)
}

/**
 * Returns JSON Schemas by name: of inputs as callers send them, of outputs as the server returns them, and of every
 * contract schema that these refer to as `#/$defs/<name>`. `adapt` changes each schema in place.
 * @throws Error for a schema that JSON Schema cannot express, or whose input and output forms differ under one name.
 */
export function jsonSchemas(
  { inputs = new Map(), outputs = new Map() }: { inputs?: Named; outputs?: Named },
  adapt: (schema: JsonSchema) => void = () => {},
): JsonSchemas {
  const taken = oneSide(inputs, 'input', adapt)
  const answered = oneSide(outputs, 'output', adapt)
  for (const [name, schema] of Object.entries(taken)) {
    if (name in answered && JSON.stringify(schema) !== JSON.stringify(answered[name]))
      throw new Error(`${name}: has different input and output forms`)
  }
  return Object.fromEntries(Object.entries({ ...taken, ...answered }).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function oneSide(named: Named, io: 'input' | 'output', adapt: (schema: JsonSchema) => void): JsonSchemas {
  const ids = new Map<unknown, string>([...exported, ...[...named].map(([name, schema]) => [schema, name] as const)])
  // A private registry: ids in zod's global one would affect other code that makes JSON Schema from these schemas.
  const metadata = Object.assign(z.registry<Record<string, unknown>>(), {
    get: (schema: z.core.$ZodType) => ({ ...z.globalRegistry.get(schema), id: ids.get(schema) }),
  })
  const { $defs = {} } = z.toJSONSchema(z.object(Object.fromEntries(named)), {
    io,
    metadata,
    override({ zodSchema, jsonSchema }) {
      delete jsonSchema.id
      // Zod omits defaults and examples of transformed values.
      if (zodSchema._zod.def.type === 'default') jsonSchema.default = zodSchema._zod.def.defaultValue
      const { examples } = z.globalRegistry.get(zodSchema) ?? {}
      if (Array.isArray(examples)) jsonSchema.examples = examples
      adapt(jsonSchema)
    },
  })
  return $defs
}
