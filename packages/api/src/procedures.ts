import { z } from 'zod'
import { isAuthority } from './authority/authority.js'
import { appRouter } from './root.js'
import type { Meta } from './trpc.js'

/** What a procedure takes, returns and says of itself. */
export type Procedure = {
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly input: z.ZodType
  /** Of a subscription: one event. */
  readonly output: z.ZodType
  readonly meta: Meta
}

type Definition = { type: Procedure['type']; inputs: unknown[]; output?: unknown; meta?: Meta }

/** Every procedure by its path. @throws Error at the start, naming the procedure that does not say one of these. */
export const procedures: ReadonlyMap<string, Procedure> = new Map(
  // At run time the router is a flat record by path; its type is the nested one.
  Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: Definition }>).map(
    ([path, { _def }]) => [path, procedureOf(path, _def)],
  ),
)

function procedureOf(path: string, { type, inputs, output, meta }: Definition): Procedure {
  const [input] = inputs
  if (inputs.length !== 1 || !(input instanceof z.ZodType)) throw new Error(`${path}: must have one zod input`)
  const returned = typeof output === 'function' && 'item' in output ? output.item : output
  if (!(returned instanceof z.ZodType)) throw new Error(`${path}: must have a zod output`)
  if (!meta || !isAuthority(meta.authority)) throw new Error(`${path}: must say who may call it`)
  return { type, input, output: returned, meta }
}
