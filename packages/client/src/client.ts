import type { Page } from './generated/entities.js'
import type { BudgetsMethods, MgxMethods } from './generated/methods.js'
import { procedures } from './generated/procedures.js'
import type { CallOptions, MgxClientOptions } from './options.js'
import { readOptions } from './read-options.js'
import { type GuardMethods, guarded } from './runs/guard.js'
import { type HoldMethods, holdOver } from './runs/hold.js'
import { type Call, callOver } from './transport/call.js'
import { type CallSite, callSiteOf } from './transport/call-site.js'
import { mgxPromise, pagePromise, type WithResponse } from './transport/mgx-promise.js'
import type { ProcedureTraits } from './transport/procedure-traits.js'
import { type Stream, streamOver } from './transport/stream.js'

/** The client: one method per procedure of the server, plus `budgets.guard` and `budgets.hold`. */
export interface MgxClient extends Omit<MgxMethods, 'budgets'> {
  readonly budgets: BudgetsMethods & GuardMethods & HoldMethods
}

type Method = (...args: never[]) => unknown

/**
 * Creates a client for the server at `url`, with one method per procedure. It holds no connection and needs no closing.
 *
 * Calls that move money get an idempotency key automatically. Queries, calls with such a key and calls that are
 * idempotent by nature are retried while the server is unreachable, unavailable or rate limiting. Calls made in the same
 * tick are sent in one request. Without options, the environment variables `MGX_URL` and `MGX_API_KEY` are used.
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
  const hold = holdOver(methods.budgets)
  const guard: GuardMethods['guard'] = (options, work, callOptions) => guarded(hold(options, callOptions), work)
  return { ...methods, budgets: { ...methods.budgets, guard, hold } }
}

/** Returns the function behind one method; depending on the procedure it returns a stream, a page or a promise. */
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
