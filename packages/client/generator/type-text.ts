import { isEmptyObject, isSchema, type JsonSchema, pageRow, refName } from '@mgx/contract/contract-document'

/** Turns a JSON Schema into a TypeScript type: of what is `taken` from a caller, or else of what is answered. */
export type TypeText = (schema: JsonSchema, taken: boolean) => string

/**
 * Makes the writer of types. `enumNames` maps the values of a known enumeration, as JSON, to its name. It knows the JSON Schema that the contract's zod schemas become, and no more:
 * @throws Error on any other, rather than writing a type that promises less or more than the server does.
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
    throw new Error(`No TypeScript is written for this JSON Schema: ${JSON.stringify(schema)}`)
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
      // A record of unknowns takes no interface and no class, which is what others give their objects as.
      return taken && value === 'unknown' ? 'object' : `Record<string, ${value}>`
    }
    const fields = Object.keys(schema.properties).map((key) => fieldText(schema, key, text, taken))
    return `{ ${fields.join('; ')} }`
  }

  return text
}

/**
 * One field, `name: type`. An optional one that is taken may also be given as undefined, as the server allows; JSON that
 * is answered has none.
 */
export function fieldText(parent: JsonSchema, key: string, text: TypeText, taken: boolean): string {
  const schema = parent.properties?.[key]
  if (!isSchema(schema)) throw new Error(`A field without a schema: ${key}`)
  if (parent.required?.includes(key)) return `${key}: ${text(schema, taken)}`
  return `${key}?: ${text(schema, taken)}${taken ? ' | undefined' : ''}`
}

/** A value as a TypeScript literal in single quotes. */
export function literal(value: unknown): string {
  return typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
    : JSON.stringify(value)
}

const union = (parts: string[]): string => [...new Set(parts)].join(' | ')
