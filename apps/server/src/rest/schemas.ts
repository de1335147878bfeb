import type { JsonSchema, JsonSchemas } from '@mgx/contract/contract-document'
import { jsonSchemas } from '@mgx/contract/json-schema'

const REF = '#/components/schemas/'

export const refTo = (name: string): JsonSchema => ({ $ref: REF + name })

/** Returns the schema that a reference points at, or the schema itself when it is no reference. */
export const resolved = (schema: JsonSchema, schemas: JsonSchemas): JsonSchema =>
  schemas[schema.$ref?.slice(REF.length) ?? ''] ?? schema

/** Returns the schemas as OpenAPI components, without our own `kind` and without patterns that a format implies. */
export function componentSchemas(named: Parameters<typeof jsonSchemas>[0]): JsonSchemas {
  const schemas = jsonSchemas(named, (schema) => {
    delete schema.kind
    if (schema.format) delete schema.pattern
  })
  return JSON.parse(JSON.stringify(schemas).replaceAll('"#/$defs/', `"${REF}`))
}

/** Returns the schemas that `root` refers to, directly or through others. */
export function reachable(schemas: JsonSchemas, root: unknown, found: JsonSchemas = {}): JsonSchemas {
  for (const [, name = ''] of JSON.stringify(root).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    const schema = schemas[name]
    if (!schema || found[name]) continue
    found[name] = schema
    reachable(schemas, schema, found)
  }
  return found
}
