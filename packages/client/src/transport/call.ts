import { UnauthenticatedError } from '../errors.js'
import type { CallOptions } from '../options.js'
import { type Endpoint, readCallOptions } from '../read-options.js'
import { batched, oneByOne } from './batch.js'
import { type CallSite, thrownAt } from './call-site.js'
import { timedOut } from './error-of-reason.js'
import { withIdempotencyKey } from './idempotency.js'
import type { WithResponse } from './mgx-promise.js'
import type { CallTraits } from './procedure-traits.js'
import { type Outcome, type OutgoingCall, requestOver } from './request.js'
import { withRetries } from './retry.js'
import { type Stop, withinTime } from './time-limit.js'
import { traceHeaders } from './trace-context.js'

/** Calls a procedure by its path. The stack of an error leads to the call site. */
export type Call = (
  path: string,
  traits: CallTraits,
  input: unknown,
  options: CallOptions | undefined,
  site: CallSite,
) => Promise<WithResponse<unknown>>

/** Returns a function that makes calls over HTTP, with time limits and retries. */
export function callOver(endpoint: Endpoint): Call {
  const request = requestOver(endpoint)
  const send = endpoint.batch ? batched(request) : oneByOne(request)

  /** Sends a call; a second time when the server refuses the credential and `apiKey` returns another one. */
  async function sendAuthorized(call: OutgoingCall, stop: Stop): Promise<Outcome> {
    const sendWith = (apiKey: string) =>
      send({ ...call, headers: { ...call.headers, authorization: `Bearer ${apiKey}` } }, stop)
    const apiKey = await endpoint.apiKey(call.path)
    const outcome = await sendWith(apiKey)
    if (!('error' in outcome && outcome.error instanceof UnauthenticatedError)) return outcome
    const next = await endpoint.apiKey(call.path, apiKey)
    return next === apiKey ? outcome : sendWith(next)
  }

  return async (path, traits, input, options = {}, site) => {
    const { limits, headers } = readCallOptions(endpoint, options)
    // Serialize once, so that every attempt sends the same idempotency key.
    const body = JSON.stringify(withIdempotencyKey(input, traits.idempotencyKey))
    const call = { path, type: traits.type, body, headers: { ...headers, ...traceHeaders(headers) } }
    // Retry only calls that cannot count twice, as the contract marks them.
    const safe = traits.type === 'query' || traits.idempotencyKey !== undefined || traits.idempotent === true
    const { signal } = options
    const attempt = async (leftMs: number) => {
      const limit = leftMs < limits.timeoutMs ? 'deadlineMs' : 'timeoutMs'
      const outcome = await withinTime((stop) => sendAuthorized(call, stop), {
        signal,
        milliseconds: Math.min(leftMs, limits.timeoutMs),
        timeUp: () => timedOut(path, limit, limits[limit]),
      })
      if ('error' in outcome) throw outcome.error
      return outcome
    }
    try {
      return await withRetries(attempt, {
        maxRetries: safe ? limits.maxRetries : 0,
        deadlineMs: limits.deadlineMs,
        signal,
        onRetry: (error, waitMs) =>
          endpoint.observer.logger.debug(`mgx: retrying ${path} in ${Math.round(waitMs)} ms: ${error}`),
      })
    } catch (error) {
      throw thrownAt(site, error)
    }
  }
}
