import type { z } from 'zod'

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** Where a call carries its idempotency key: on the input itself, or on each row of one of its lists. */
export type KeyPlace = 'input' | { each: string }

export type Procedure = {
  namespace: string
  method: string
  type: 'query' | 'mutation' | 'subscription'
  description: string
  /** Undefined: the procedure has no input at all. */
  input: JsonSchema | undefined
  /** Whether the input may be left out as a whole. */
  inputOptional: boolean
  /** Of a subscription: one event. */
  output: JsonSchema
  idempotencyKey: KeyPlace | undefined
  /** Whether the same call again does nothing more and answers as before. */
  idempotent: boolean
}

/** A named type of the contract and the side of the wire it stands on; `both` for enumerations and the like. */
export type NamedType = { name: string; schema: JsonSchema; side: 'input' | 'output' | 'both' }

/** All the generator knows: read once from the router, written to files by pure functions. */
export type Contract = { procedures: Procedure[]; types: NamedType[]; reasons: Record<string, number>; hash: string }

const REF = '#/$defs/'

/** The name a `$ref` points at, if the schema is one. */
export const refName = (schema: JsonSchema): string | undefined => schema.$ref?.slice(REF.length)

export const refTo = (name: string): JsonSchema => ({ $ref: REF + name })

/** `projects` + `create` → `projects.create`. */
export const pathOf = (procedure: Procedure): string => `${procedure.namespace}.${procedure.method}`

/** Whether the input says nothing: none, or an object without fields. Its method then takes none. */
export const takesInput = ({ input }: Procedure): boolean => input !== undefined && !isEmptyObject(input)

/** Whether the schema is of an object that may have no fields. */
export const isEmptyObject = (schema: JsonSchema): boolean =>
  schema.additionalProperties === false && Object.keys(schema.properties ?? {}).length === 0

/** The rows of a page (`{ items, nextCursor }`), if the schema is one. */
export function pageRow(schema: JsonSchema): JsonSchema | undefined {
  const { items, nextCursor, ...others } = schema.properties ?? {}
  if (!isSchema(items) || !isSchema(nextCursor) || Object.keys(others).length > 0) return undefined
  return isSchema(items.items) ? items.items : undefined
}

export const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
