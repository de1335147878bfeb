import type { JsonSchema, JsonSchemas } from '@mgx/contract/contract-document'
import { jsonSchemas } from '@mgx/contract/json-schema'

const REF = '#/components/schemas/'

export const refTo = (name: string): JsonSchema => ({ $ref: REF + name })

/** What a reference points at; any other schema is itself. */
export const resolved = (schema: JsonSchema, schemas: JsonSchemas): JsonSchema =>
  schemas[schema.$ref?.slice(REF.length) ?? ''] ?? schema

/** The schemas as components of an OpenAPI document, without our own marks and the patterns behind formats. */
export function componentSchemas(named: Parameters<typeof jsonSchemas>[0]): JsonSchemas {
  const schemas = jsonSchemas(named, (schema) => {
    delete schema.kind
    if (schema.format) delete schema.pattern
  })
  return JSON.parse(JSON.stringify(schemas).replaceAll('"#/$defs/', `"${REF}`))
}

/** Those of the schemas that `root` refers to, by whatever way. */
export function reachable(schemas: JsonSchemas, root: unknown, found: JsonSchemas = {}): JsonSchemas {
  for (const [, name = ''] of JSON.stringify(root).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    const schema = schemas[name]
    if (!schema || found[name]) continue
    found[name] = schema
    reachable(schemas, schema, found)
  }
  return found
}
