import { type Authority, authorityInWords, type Procedure, procedures } from '@mgx/api'
import { exampleOf, type JsonSchema, type JsonSchemas } from '@mgx/contract/contract-document'
import { nameOf } from '@mgx/contract/json-schema'
import { componentSchemas, reachable, refTo } from './schemas.js'

type Side = 'input' | 'output'
export type Parameter = { name: string; in: 'path' | 'query'; required: boolean; schema: JsonSchema }

/** A procedure at one of its places in REST. */
export type Operation = {
  id: string
  /** The procedure's path, such as `projects.get`. */
  path: string
  type: 'query' | 'mutation'
  method: 'GET' | 'POST' | 'PATCH'
  /** The URL's path with its fields in braces, such as `/api/projects/{id}`. */
  template: string
  /** What it does, and who may call it. */
  description: string
  authority: Authority
  /** Fields in the path and, when there is no body, in the query string. */
  parameters: Parameter[]
  /** The body's schema and a valid example; undefined when there is no body. */
  body: { schema: JsonSchema; example: object } | undefined
  output: JsonSchema
  /** Whether the input has an idempotency key. */
  takesKey: boolean
  /** Whether repeating the request changes nothing more. */
  isRepeatable: boolean
}

/** The procedures that have a place in REST. */
const placed = [...procedures].filter(([, { meta }]) => meta.rest)
const named = (side: Side) =>
  new Map(placed.map(([path, procedure]) => [schemaName(path, procedure, side), procedure[side]]))
const schemas = componentSchemas({ inputs: named('input'), outputs: named('output') })

/** Every place of every procedure. Loading throws an Error when a procedure's place does not fit its input. */
export const operations: Operation[] = placed.flatMap(([path, procedure]) =>
  (procedure.meta.rest ?? []).map((place, index) => operationAt(place, index, path, procedure)),
)

/** The schemas that the operations refer to, by name. */
export const components: JsonSchemas = reachable(schemas, operations)

function operationAt(place: string, index: number, path: string, procedure: Procedure): Operation {
  const { type, meta } = procedure
  const [method, under = ''] = place.split(' ')
  if (type === 'subscription') throw new Error(`${path}: a subscription has no place in REST`)
  if (method !== 'GET' && method !== 'POST' && method !== 'PATCH') throw new Error(`${path}: no method ${method}`)
  const input = schemaName(path, procedure, 'input')
  const schema = schemas[input] ?? {}
  const inPath = [...under.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const parameterIn = (where: Parameter['in']) => (name: string) => {
    const field = fieldOf(schema, name)
    if (!field) throw new Error(`${path}: its input has no field ${name}`)
    return { name, in: where, required: where === 'path' || Boolean(schema.required?.includes(name)), schema: field }
  }
  const inQuery = Object.keys(schema.properties ?? {}).filter((name) => !inPath.includes(name))
  return {
    id: camelCase(index === 0 ? path : `${path}.by.${inPath.join('.')}`),
    path,
    type,
    method,
    template: `/api${under}`,
    description: `${meta.description} ${authorityInWords(meta.authority)}`,
    authority: meta.authority,
    parameters: [...inPath.map(parameterIn('path')), ...(method === 'GET' ? inQuery.map(parameterIn('query')) : [])],
    body: method === 'GET' ? undefined : bodyOf(input, inPath),
    output: refTo(schemaName(path, procedure, 'output')),
    takesKey: fieldOf(schema, 'idempotencyKey') !== undefined,
    isRepeatable: type === 'query' || meta.idempotent === true,
  }
}

function bodyOf(name: string, inPath: string[]): Operation['body'] {
  const schema = without(schemas[name] ?? {}, inPath)
  if (!schema.anyOf && Object.keys(schema.properties ?? {}).length === 0) return undefined
  const example = exampleOf(refTo(name), (each) => schemas[each])
  if (!example) throw new Error(`${name}: has too few examples to show one`)
  return {
    schema: inPath.length === 0 ? refTo(name) : schema,
    example: others(example as Record<string, unknown>, inPath),
  }
}

/** Returns an object's schema, its `anyOf` forms and its examples without the named fields. */
function without(schema: JsonSchema, names: string[]): JsonSchema {
  const { properties = {}, required: _, examples, anyOf, ...rest } = schema
  const told = {
    ...rest,
    ...(examples && { examples: examples.map((example) => others(example as Record<string, unknown>, names)) }),
  }
  if (anyOf) return { ...told, anyOf: anyOf.map((form) => without(form as JsonSchema, names)) }
  const required = schema.required?.filter((name) => !names.includes(name)) ?? []
  return { ...told, properties: others(properties, names), ...(required.length > 0 && { required }) }
}

/** Returns an object without the named fields. */
function others<Field>(fields: Record<string, Field>, names: string[]): Record<string, Field> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

function fieldOf(schema: JsonSchema, name: string): JsonSchema | undefined {
  const [form] = schema.anyOf ?? []
  return ((form as JsonSchema | undefined) ?? schema).properties?.[name] as JsonSchema | undefined
}

function schemaName(path: string, procedure: Procedure, side: Side): string {
  return nameOf(procedure[side]) ?? camelCase(`.${path}.${side}`)
}

/** `projects.get` → `projectsGet`. */
function camelCase(words: string): string {
  return words.replaceAll(/\.(\w)/g, (_, letter: string) => letter.toUpperCase())
}
