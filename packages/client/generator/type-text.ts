import { isEmptyObject, isSchema, type JsonSchema, pageRow, refName } from '@mgx/contract/contract-document'

/** Returns the TypeScript type of a JSON Schema: of an input when `taken`, otherwise of an output. */
export type TypeText = (schema: JsonSchema, taken: boolean) => string

/**
 * Creates a {@link TypeText}. `enumNames` maps the values of a known enumeration, as JSON, to its name. The function supports
 * only the JSON Schema that the contract's zod schemas generate.
 * @throws Error for any other schema, rather than generating a type that does not match the server.
 */
export function typeTextWith(enumNames: ReadonlyMap<string, string>): TypeText {
  const text: TypeText = (schema, taken) => {
    const name = refName(schema)
    if (name) return name
    if (schema.const !== undefined) return literal(schema.const)
    if (schema.enum) return enumNames.get(JSON.stringify(schema.enum)) ?? union(schema.enum.map(literal))
    const parts = schema.anyOf ?? schema.oneOf
    if (parts) return union(parts.map((part) => text(part, taken)))
    if (Array.isArray(schema.type)) return union(schema.type.map((type) => text({ ...schema, type }, taken)))
    const row = pageRow(schema)
    if (row) return `Page<${text(row, taken)}>`
    switch (schema.type) {
      case 'string':
      case 'boolean':
      case 'null':
        return schema.type
      case 'number':
      case 'integer':
        return 'number'
      case 'array':
        return list(schema, taken)
      case 'object':
        return object(schema, taken)
      case undefined:
        if (Object.keys(schema).every((key) => key === 'description')) return 'unknown'
    }
    throw new Error(`No TypeScript type for this JSON Schema: ${JSON.stringify(schema)}`)
  }

  const list: TypeText = (schema, taken) => {
    if (!isSchema(schema.items)) throw new Error(`An array without items: ${JSON.stringify(schema)}`)
    const row = text(schema.items, taken)
    return /[ |]/.test(row) && !row.startsWith('{') ? `(${row})[]` : `${row}[]`
  }

  const object: TypeText = (schema, taken) => {
    if (isEmptyObject(schema)) return 'Record<string, never>'
    if (!schema.properties) {
      const { additionalProperties } = schema
      const value = isSchema(additionalProperties) ? text(additionalProperties, taken) : 'unknown'
      // TypeScript does not assign interfaces and classes, which callers' objects may have, to a record of unknowns.
      return taken && value === 'unknown' ? 'object' : `Record<string, ${value}>`
    }
    const fields = Object.keys(schema.properties).map((key) => fieldText(schema, key, text, taken))
    return `{ ${fields.join('; ')} }`
  }

  return text
}

/**
 * Returns one field as `name: type`. An optional field of an input also accepts undefined, as the server does; an output is
 * JSON and never contains undefined.
 */
export function fieldText(parent: JsonSchema, key: string, text: TypeText, taken: boolean): string {
  const schema = parent.properties?.[key]
  if (!isSchema(schema)) throw new Error(`A field without a schema: ${key}`)
  if (parent.required?.includes(key)) return `${key}: ${text(schema, taken)}`
  return `${key}?: ${text(schema, taken)}${taken ? ' | undefined' : ''}`
}

/** Returns a value as a TypeScript literal, strings in single quotes. */
export function literal(value: unknown): string {
  return typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
    : JSON.stringify(value)
}

const union = (parts: string[]): string => [...new Set(parts)].join(' | ')
