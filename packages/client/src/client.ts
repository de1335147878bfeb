import type { Page } from './generated/entities.js'
import type { BudgetsMethods, MgxMethods } from './generated/methods.js'
import { procedures } from './generated/procedures.js'
import type { CallOptions, MgxClientOptions } from './options.js'
import { readOptions } from './read-options.js'
import { type GuardMethods, guardWith } from './runs/guard.js'
import { type Call, callOver } from './transport/call.js'
import { type CallSite, callSiteOf } from './transport/call-site.js'
import { mgxPromise, pagePromise, type WithResponse } from './transport/mgx-promise.js'
import type { ProcedureTraits } from './transport/procedure-traits.js'
import { type Stream, streamOver } from './transport/stream.js'

/** A method for every procedure of the server, and beside them what makes some of them safe to use. */
export interface MgxClient extends Omit<MgxMethods, 'budgets'> {
  readonly budgets: BudgetsMethods & GuardMethods
}

type Method = (...args: never[]) => unknown

/**
 * A client of the server at `url`, with a method for every procedure. It keeps no connection and needs no closing.
 *
 * Calls that move money get an idempotency key by themselves. Queries, calls that carry such a key, and those that
 * do no more when done twice are tried again while the server cannot be reached, is unavailable or is asked too much.
 * Calls of one tick travel in one request. Without options, `MGX_URL` and `MGX_API_KEY` of the environment serve.
 * @throws TypeError when an option is missing or malformed. Calls throw an {@link MgxError}.
 */
export function createMgxClient(options?: MgxClientOptions): MgxClient {
  const endpoint = readOptions(options)
  const call = callOver(endpoint)
  const stream = streamOver(endpoint)
  const client: Record<string, Record<string, Method>> = {}
  for (const [path, traits] of Object.entries(procedures)) {
    const [namespace = '', name = ''] = path.split('.')
    const invoke = invokeWith({ call, stream }, path, traits)
    const method: Method = traits.takesInput
      ? (input: unknown = {}, callOptions?: CallOptions) => invoke(input, callOptions, callSiteOf(method))
      : (callOptions?: CallOptions) => invoke(undefined, callOptions, callSiteOf(method))
    client[namespace] = { ...client[namespace], [name]: method }
  }
  const methods = client as unknown as MgxMethods
  return { ...methods, budgets: { ...methods.budgets, guard: guardWith(methods.budgets) } }
}

/** Calls one procedure, in the form its kind is answered in. */
function invokeWith({ call, stream }: { call: Call; stream: Stream }, path: string, traits: ProcedureTraits) {
  return (input: unknown, options: CallOptions | undefined, site: CallSite) => {
    if (traits.type === 'subscription') return stream(path, input, options, site)
    if (!traits.page) return mgxPromise(call(path, traits, input, options, site))
    const page = (cursor?: string) => {
      const asked = cursor === undefined ? input : { ...(input as object), cursor }
      return mgxPromise(call(path, traits, asked, options, site) as Promise<WithResponse<Page<unknown>>>)
    }
    return pagePromise(page(), page)
  }
}
