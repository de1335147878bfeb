import { isSchema, type JsonSchema, pageRow } from '@mgx/contract/contract-document'
import { didYouMean } from '../did-you-mean.js'
import { usageError } from '../exit-code.js'
import { procedureOf, resolved, withoutNull } from './document.js'

/** One column of a result: a dotted path into each row, and how to show what is there; `rows` are the columns of a list of rows. */
export type Column = { path: string; kind: 'text' | 'id' | 'number' | 'usd' | 'instant' | 'json'; rows?: Column[] }

/** Returns the schema of one row of what a procedure returns. */
export function rowSchema(procedure: string): JsonSchema {
  const output = resolved(procedureOf(procedure).output)
  return resolved(pageRow(output) ?? output)
}

/** Returns the columns of all that a row has; objects in it are spread, lists are one column. */
export function columnsOf(schema: JsonSchema, prefix = ''): Column[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, given]) => {
    const { schema: field } = withoutNull(isSchema(given) ? given : {})
    const path = `${prefix}${name}`
    if (field.properties) return columnsOf(field, `${path}.`)
    const row = isSchema(field.items) ? resolved(field.items) : {}
    return [{ path, kind: kindOf(field, name), ...(row.properties && { rows: columnsOf(row) }) }]
  })
}

/** Returns the columns with these paths; one that leads to an object is a column of JSON. @throws CommandError for others. */
export function columnsAt(schema: JsonSchema, paths: readonly string[]): Column[] {
  const known = columnsOf(schema)
  const objects = known.flatMap(({ path }) => path.split('.').map((_, end, parts) => parts.slice(0, end).join('.')))
  return paths.map((path) => {
    const column = known.find((each) => each.path === path)
    if (column) return column
    if (path !== '' && objects.includes(path)) return { path, kind: 'json' }
    const names = known.map((each) => each.path)
    throw usageError(`There is no field "${path}". ${didYouMean(path, names)}Fields: ${names.join(', ')}`)
  })
}

/** Returns what is at a dotted path of a row; undefined when nothing is. */
export function valueAt(row: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], row)
}

function kindOf({ kind, type, properties, additionalProperties }: JsonSchema, name: string): Column['kind'] {
  if (kind === 'usd' || kind === 'instant') return kind
  if (type === 'integer' && /(^i|I)d$/.test(name)) return 'id'
  if (type === 'integer' || type === 'number') return 'number'
  return type === 'array' || properties || additionalProperties || type === 'object' ? 'json' : 'text'
}
