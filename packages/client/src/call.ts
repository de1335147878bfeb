import { createTRPCUntypedClient, httpLink, TRPCClientError } from '@trpc/client'
import type { AnyRouter } from '@trpc/server'
import type { CallOptions } from './call-options.js'
import { checkedFetch } from './checked-fetch.js'
import type { Endpoint } from './client-options.js'
import { errorOf, errorOfShape } from './error-of-reason.js'
import { MgxError } from './errors.js'
import { withIdempotencyKey } from './idempotency.js'
import type { CallTraits } from './procedure-traits.js'
import { withRetries } from './retry.js'

/** Makes one call of a procedure, by its path. */
export type Call = (
  path: string,
  traits: CallTraits,
  input: unknown,
  options: CallOptions | undefined,
) => Promise<unknown>

/** Calls over HTTP. Every call is a POST, so that inputs, session tokens among them, never stand in an address or its log. */
export function callOver({ url, headers, fetch }: Endpoint): Call {
  const send = checkedFetch(fetch)
  const link = httpLink<AnyRouter>({
    url,
    methodOverride: 'POST',
    fetch: (address, { body, signal } = {}) =>
      send(String(address), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        ...(typeof body === 'string' && { body }),
        ...(signal && { signal }),
      }),
  })
  const client = createTRPCUntypedClient<AnyRouter>({ links: [link] })

  return async (path, traits, input, { signal } = {}) => {
    const sent = withIdempotencyKey(input, traits.idempotencyKey)
    const attempt = async () => {
      try {
        return await client[traits.type](path, sent, signal ? { signal } : {})
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        throw readError(error, path)
      }
    }
    // Trying again is safe only where it cannot count twice; which calls those are, the router says.
    const safe = traits.type === 'query' || traits.idempotencyKey !== undefined || traits.idempotent === true
    return safe ? withRetries(attempt, signal) : attempt()
  }
}

/** The typed error of a failed tRPC call. */
function readError(error: unknown, path: string): unknown {
  if (!(error instanceof TRPCClientError)) return error
  const { cause, message } = error
  if (!error.data) {
    // Input that is no JSON, such as a bigint, fails before it is sent.
    if (!(cause instanceof MgxError)) return cause ?? error
    const { reason, status, cause: network } = cause
    return errorOf({ reason, status, path, message: cause.message, cause: network })
  }
  return errorOfShape({ message, data: error.data }, path)
}
