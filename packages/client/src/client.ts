import { callOver } from './call.js'
import type { CallOptions } from './call-options.js'
import { type MgxClientOptions, readOptions } from './client-options.js'
import type { BudgetsMethods, MgxMethods } from './generated/methods.js'
import { procedures } from './generated/procedures.js'
import { type GuardMethods, guardWith } from './guard.js'
import { streamOver } from './stream.js'

/** A method for every procedure of the server, and beside them what makes some of them safe to use. */
export interface MgxClient extends Omit<MgxMethods, 'budgets'> {
  readonly budgets: BudgetsMethods & GuardMethods
}

type Method = (...args: never[]) => unknown

/**
 * A client of the server at `url`, with a method for every procedure. It keeps no connection and needs no closing.
 *
 * Calls that move money get an idempotency key by themselves. Queries, calls that carry such a key, and those that
 * do no more when done twice are tried up to three times while the server cannot be reached or is unavailable.
 * @throws TypeError when an option is missing or malformed. Calls throw an {@link MgxError}.
 */
export function createMgxClient(options: MgxClientOptions): MgxClient {
  const endpoint = readOptions(options)
  const call = callOver(endpoint)
  const stream = streamOver(endpoint)
  const client: Record<string, Record<string, Method>> = {}
  for (const [path, traits] of Object.entries(procedures)) {
    const [namespace = '', name = ''] = path.split('.')
    const invoke = (input: unknown, callOptions: CallOptions | undefined) =>
      traits.type === 'subscription' ? stream(path, input, callOptions) : call(path, traits, input, callOptions)
    const method: Method = traits.takesInput
      ? (input: unknown = {}, callOptions?: CallOptions) => invoke(input, callOptions)
      : (callOptions?: CallOptions) => invoke(undefined, callOptions)
    client[namespace] = { ...client[namespace], [name]: method }
  }
  const methods = client as unknown as MgxMethods
  return { ...methods, budgets: { ...methods.budgets, guard: guardWith(methods.budgets) } }
}
