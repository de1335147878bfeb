import { appRouter } from '@mgx/api'
import { exampleOf } from '@mgx/contract'
import type { z } from 'zod'
import { type JsonSchema, jsonSchemas, nameOf, reachable, refTo, type Schemas } from './schemas.js'

export type Parameter = { name: string; in: 'path' | 'query'; required: boolean; schema: JsonSchema }

/** A procedure at one place in REST. */
export type Operation = {
  id: string
  /** The procedure behind it. */
  path: string
  type: 'query' | 'mutation'
  method: 'GET' | 'POST' | 'PATCH'
  /** With its fields in braces: `/api/projects/{id}`. */
  template: string
  description: string
  isPublic: boolean
  /** In the path and, where there is no body, in the query string. */
  parameters: Parameter[]
  /** What the body holds, and one that is taken as it stands; undefined where there is none. */
  body: { schema: JsonSchema; example: object } | undefined
  output: JsonSchema
  /** Whether the input has an idempotency key. */
  takesKey: boolean
  /** Whether the same request again does nothing more. */
  isRepeatable: boolean
}

type ReadableProcedure = {
  _def: {
    type: 'query' | 'mutation' | 'subscription'
    inputs: z.ZodType[]
    output: z.ZodType
    meta: { description: string; idempotent?: true; rest?: string[]; public?: true }
  }
}

// At run time a flat record by path; its type is the nested one of the router.
const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, ReadableProcedure>)
const named = (side: 'Input' | 'Output', of: (definition: ReadableProcedure['_def']) => z.ZodType | undefined) =>
  new Map(
    procedures.flatMap(([path, { _def }]) => {
      const schema = _def.meta.rest ? of(_def) : undefined
      return schema ? [[nameOf(schema) ?? camelCase(`.${path}.${side}`), schema] as const] : []
    }),
  )
const inputs = named('Input', ({ inputs: [input] }) => input)
const outputs = named('Output', ({ output }) => output)
const inputSchemas = jsonSchemas(inputs, 'input')
const outputSchemas = jsonSchemas(outputs, 'output')

/** Every place of every procedure. @throws Error at the start when a procedure's place does not fit its input. */
export const operations: Operation[] = procedures.flatMap(([path, { _def }]) =>
  (_def.meta.rest ?? []).map((place, index) => operationAt(place, index, path, _def)),
)

/** What the operations refer to, by name. */
export const components: Schemas = reachable(merged(inputSchemas, outputSchemas), operations)

function operationAt(place: string, index: number, path: string, definition: ReadableProcedure['_def']): Operation {
  const { type, meta } = definition
  const [method, under = ''] = place.split(' ')
  if (type === 'subscription') throw new Error(`${path}: a subscription has no place in REST`)
  if (method !== 'GET' && method !== 'POST' && method !== 'PATCH') throw new Error(`${path}: no method ${method}`)
  const input = nameIn(inputs, definition.inputs[0])
  const schema = inputSchemas[input] ?? {}
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
    description: meta.description,
    isPublic: meta.public ?? false,
    parameters: [...inPath.map(parameterIn('path')), ...(method === 'GET' ? inQuery.map(parameterIn('query')) : [])],
    body: method === 'GET' ? undefined : bodyOf(input, inPath),
    output: refTo(nameIn(outputs, definition.output)),
    takesKey: fieldOf(schema, 'idempotencyKey') !== undefined,
    isRepeatable: type === 'query' || meta.idempotent === true,
  }
}

function bodyOf(name: string, inPath: string[]): Operation['body'] {
  const schema = without(inputSchemas[name] ?? {}, inPath)
  if (!schema.anyOf && Object.keys(schema.properties ?? {}).length === 0) return undefined
  const example = exampleOf(refTo(name), (each) => inputSchemas[each])
  if (!example) throw new Error(`${name}: has too few examples to show one`)
  return {
    schema: inPath.length === 0 ? refTo(name) : schema,
    example: others(example as Record<string, unknown>, inPath),
  }
}

/** The schema of an object, in whichever of its forms, and its examples, without some of its fields. */
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

/** The fields of an object without some of them. */
function others<Field>(fields: Record<string, Field>, names: string[]): Record<string, Field> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

function fieldOf(schema: JsonSchema, name: string): JsonSchema | undefined {
  const [form] = schema.anyOf ?? []
  return ((form as JsonSchema | undefined) ?? schema).properties?.[name] as JsonSchema | undefined
}

function nameIn(names: ReadonlyMap<string, z.ZodType>, schema: z.ZodType | undefined): string {
  const [name] = [...names].find(([, each]) => each === schema) ?? []
  if (!name) throw new Error('a procedure in REST needs an input and an output')
  return name
}

function merged(ours: Schemas, theirs: Schemas): Schemas {
  for (const name of Object.keys(ours)) {
    if (name in theirs && JSON.stringify(ours[name]) !== JSON.stringify(theirs[name]))
      throw new Error(`${name}: is taken in one form and answered in another`)
  }
  return Object.fromEntries(Object.entries({ ...ours, ...theirs }).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** `projects.get` → `projectsGet`. */
function camelCase(words: string): string {
  return words.replaceAll(/\.(\w)/g, (_, letter: string) => letter.toUpperCase())
}
