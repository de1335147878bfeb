import { z } from 'zod'
import { isAuthority } from './authority/authority.js'
import { appRouter } from './root.js'
import type { Meta } from './trpc.js'

/** The schemas and metadata of a procedure. */
export type Procedure = {
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly input: z.ZodType
  /** For a subscription, the schema of one event. */
  readonly output: z.ZodType
  readonly meta: Meta
}

type Definition = { type: Procedure['type']; inputs: unknown[]; output?: unknown; meta?: Meta }

/** Every procedure by path. @throws Error on import, naming a procedure that lacks a schema or an authority. */
export const procedures: ReadonlyMap<string, Procedure> = new Map(
  // At run time the router is a flat record keyed by path, although its type is nested.
  Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: Definition }>).map(
    ([path, { _def }]) => [path, procedureOf(path, _def)],
  ),
)

function procedureOf(path: string, { type, inputs, output, meta }: Definition): Procedure {
  const [input] = inputs
  if (inputs.length !== 1 || !(input instanceof z.ZodType)) throw new Error(`${path}: must have one zod input`)
  const returned = typeof output === 'function' && 'item' in output ? output.item : output
  if (!(returned instanceof z.ZodType)) throw new Error(`${path}: must have a zod output`)
  if (!meta || !isAuthority(meta.authority)) throw new Error(`${path}: must have an authority`)
  return { type, input, output: returned, meta }
}
