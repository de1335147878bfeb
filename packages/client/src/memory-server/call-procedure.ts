import { requireScopeFor, scopeOf } from '@mgx/api/authority'
import { DomainError, type MissingDetails } from '@mgx/contract'
import { NotInMemoryError } from './answer.js'
import { authenticate } from './authenticate.js'
import { sweep } from './ledger.js'
import { type Memory, wake } from './memory.js'
import type { Context } from './procedure.js'
import { procedureAt } from './procedures/index.js'
import { readInput } from './read-input.js'
import { procedures } from './schema.js'

/** One call as it came. */
export type Call = {
  readonly path: string
  readonly input: unknown
  readonly authorization: string | undefined
  readonly requestId: string
}

/** Does a call: who calls, whether he may, what he asks, and that. @throws DomainError, NotInMemoryError. */
export function callProcedure(server: Memory, call: Call): unknown {
  const { path, input } = call
  const { type } = procedures[path] ?? {}
  if (!type) throw noProcedure(path)
  // A call has one instant.
  const instant = server.now()
  const memory = { ...server, now: () => instant }
  sweep(memory)
  if (path === 'system.health') {
    readInput(path, input)
    return { status: 'ok', version: 'in memory', dialect: 'sqlite' }
  }
  const context = contextOf(memory, call)
  requireScopeFor(context.caller, type)
  const procedure = procedureAt(path)
  procedure?.require(context.caller)
  const read = readInput(path, input)
  if (!procedure) throw new NotInMemoryError('needs a real server: the one in memory does not do it')
  const answer = procedure.run(context, read as never)
  if (type === 'mutation') wake(memory)
  return answer
}

function noProcedure(path: string): DomainError {
  const details: MissingDetails = { missing: 'procedure' }
  return new DomainError('not_found', `No procedure found on path "${path}"`, details)
}

/** Who calls. @throws DomainError `unauthenticated`. */
export function contextOf(
  memory: Memory,
  { authorization, requestId }: Pick<Call, 'authorization' | 'requestId'>,
): Context {
  const caller = authenticate(memory, authorization)
  return { memory, caller, scope: scopeOf(caller), requestId }
}
