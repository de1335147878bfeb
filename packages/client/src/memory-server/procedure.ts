import { type Actor, requireAdmin, requireKeyHolder, requireUser } from '@mgx/api/authority'
import type { Scope } from '@mgx/db/core'
import type { Memory } from './memory.js'

/** What one call brings. `scope` is the rows that the caller may see. */
export type Context = {
  readonly memory: Memory
  readonly caller: Actor
  readonly scope: Scope
  readonly requestId: string
}

/** A procedure: who may call it, beyond being somebody, and what it does with an input that was read. */
export type Procedure = {
  readonly require: (caller: Actor) => void
  readonly run: (context: Context, input: never) => unknown
}

type Run<Input> = (context: Context, input: Input) => unknown

export const authenticated = <Input>(run: Run<Input>): Procedure => ({ require: () => undefined, run })
export const user = <Input>(run: Run<Input>): Procedure => ({ require: requireUser, run })
export const admin = <Input>(run: Run<Input>): Procedure => ({ require: requireAdmin, run })
export const keyHolder = <Input>(run: Run<Input>): Procedure => ({
  require(caller) {
    requireUser(caller)
    requireKeyHolder(caller)
  },
  run,
})
