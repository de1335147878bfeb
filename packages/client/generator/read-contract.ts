import * as contract from '@mgx/contract'
import { z } from 'zod'
import {
  type Contract,
  isEmptyObject,
  isSchema,
  type JsonSchema,
  type KeyPlace,
  type NamedType,
  type Procedure,
  pageRow,
  refName,
  refTo,
} from './contract.js'
import { hashOf } from './contract-hash.js'

/** What the generator reads of a tRPC router: public at run time, though its types are wider. */
export type ReadableRouter = { _def: { procedures: object } }

type ReadableProcedure = {
  _def: {
    type: string
    inputs: readonly unknown[]
    output?: unknown
    meta?: { description?: string; idempotent?: true }
  }
}

type Side = 'input' | 'output'

/**
 * Reads every procedure of a router: its input and output as JSON Schema, its description, its type.
 * Schemas that the contract exports keep the contract's names.
 * @throws Error naming the procedure when it has no zod output, more than one input, or a type that has no method.
 */
export function readContract(router: ReadableRouter): Contract {
  nameExports()
  const types = new Map<string, NamedType>()
  const procedures = Object.entries(router._def.procedures as Record<string, ReadableProcedure>).map(
    ([path, { _def }]) => {
      const { type, inputs, output, meta } = _def
      if (type !== 'query' && type !== 'mutation' && type !== 'subscription')
        throw new Error(`${path}: no method is written for a ${type}`)
      if (inputs.length > 1) throw new Error(`${path}: takes ${inputs.length} inputs, one is understood`)
      const [namespace, method, ...rest] = path.split('.')
      if (!namespace || !method || rest.length > 0) throw new Error(`${path}: must be namespace.method`)
      const root = (schema: unknown, side: Side) => rootSchema(path, schema, side, types)
      const input = inputs.length === 1 ? root(inputs[0], 'input') : undefined
      const answer = root(type === 'subscription' ? itemOf(path, output) : output, 'output')
      if (answer.optional) throw new Error(`${path}: may answer nothing, which JSON cannot say`)
      return {
        namespace,
        method,
        type,
        description: meta?.description ?? '',
        input: input?.schema,
        inputOptional: input?.optional ?? false,
        output: answer.schema,
        idempotencyKey: input && keyPlace(input.schema, types),
        idempotent: meta?.idempotent ?? false,
      } satisfies Procedure
    },
  )
  const sorted = [...types.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const reasons = Object.fromEntries(
    Object.entries(contract.reasons).map(([reason, { httpStatus }]) => [reason, httpStatus]),
  )
  return { procedures, types: sorted, reasons, hash: hashOf({ procedures, types: sorted, reasons }) }
}

/** The schema of a subscription's events, which its output parser carries. */
function itemOf(path: string, output: unknown): unknown {
  if (typeof output === 'function' && 'item' in output) return output.item
  throw new Error(`${path}: its output does not say what its events are`)
}

/** Gives each schema the contract exports that export's name, so that JSON Schema refers to it instead of repeating it. */
function nameExports(): void {
  for (const [name, schema] of Object.entries(contract)) {
    if (!(schema instanceof z.ZodType)) continue
    const known = z.globalRegistry.get(schema)
    if (!known?.id) z.globalRegistry.add(schema, { ...known, id: name })
  }
}

type Root = { schema: JsonSchema; optional: boolean }

/** The schema of one side of a procedure; named types it refers to are put in `types`. */
function rootSchema(path: string, schema: unknown, side: Side, types: Map<string, NamedType>): Root {
  if (!(schema instanceof z.ZodType)) throw new Error(`${path}: its ${side} is not a zod schema`)
  // Inside another object a named schema becomes a `$ref`; at the top its name would be lost.
  const holder = z.toJSONSchema(z.object({ root: schema }), { io: side, override: keepWording })
  for (const [name, definition] of Object.entries(holder.$defs ?? {})) addType(types, name, definition, side)
  const root = holder.properties?.root
  if (!isSchema(root)) throw new Error(`${path}: its ${side} has no JSON Schema`)
  const optional = !holder.required?.includes('root')
  if (refName(root) || pageRow(root) || !root.properties || isEmptyObject(root)) return { schema: root, optional }
  const name = `${path.split('.').map(capital).join('')}${capital(side)}`
  addType(types, name, root, side)
  return { schema: refTo(name), optional }
}

/** Zod leaves out the default and the examples of what is transformed, on the input side; the doc comments tell them. */
function keepWording({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema }): void {
  if (zodSchema._zod.def.type === 'default') jsonSchema.default = zodSchema._zod.def.defaultValue
  const { examples } = z.globalRegistry.get(zodSchema) ?? {}
  if (Array.isArray(examples)) jsonSchema.examples = examples
}

function addType(types: Map<string, NamedType>, name: string, schema: JsonSchema, side: Side): void {
  const known = types.get(name)
  if (known && JSON.stringify(known.schema) !== JSON.stringify(schema)) {
    throw new Error(`${name}: differs between input and output, or two schemas have this name`)
  }
  types.set(name, { name, schema, side: known && known.side !== side ? 'both' : side })
}

function keyPlace(input: JsonSchema, types: Map<string, NamedType>): KeyPlace | undefined {
  const resolve = (schema: unknown): JsonSchema => {
    if (!isSchema(schema)) return {}
    const name = refName(schema)
    return name ? (types.get(name)?.schema ?? {}) : schema
  }
  const takesKey = (schema: JsonSchema): boolean =>
    'idempotencyKey' in (schema.properties ?? {}) || (schema.anyOf?.every((form) => takesKey(resolve(form))) ?? false)
  const top = resolve(input)
  if (takesKey(top)) return 'input'
  const list = Object.entries(top.properties ?? {}).find(
    ([, field]) => isSchema(field) && takesKey(resolve(field.items)),
  )
  return list && { each: list[0] }
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
