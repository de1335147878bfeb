import { MgxError, UnauthenticatedError } from '../errors.js'
import type { StreamOptions } from '../options.js'
import { type Endpoint, readCallOptions } from '../read-options.js'
import { type CallSite, thrownAt } from './call-site.js'
import { connect } from './connection.js'
import { errorOfShape, timedOut } from './error-of-reason.js'
import { isPassing, LONGEST_ASKED_MS, pause, waitBefore } from './retry.js'
import { withinTime } from './time-limit.js'
import { traceHeaders } from './trace-context.js'

/** One event of a stream. Pass its `id` as `lastEventId` to resume after it. */
export type StreamEvent<Data> = Data & { readonly id: string }

/** Subscribes to a procedure by its path. The stack of an error leads to the call site. */
export type Stream = (
  path: string,
  input: unknown,
  options: StreamOptions | undefined,
  site: CallSite,
) => AsyncIterable<StreamEvent<object>>

/**
 * Returns a function that streams events over HTTP as server-sent events. A stream connects when its first event is
 * requested. When the connection breaks, it reconnects after a random wait of up to ten seconds and resumes after the last
 * event, so that no event is lost or repeated. Until it has connected once, it retries only as often as a call. When its
 * credential is refused, it reconnects at once if `apiKey` returns another one.
 */
export function streamOver(endpoint: Endpoint): Stream {
  return async function* (path, input, options = {}, site) {
    const { signal } = options
    const { headers: own } = readCallOptions(endpoint, options)
    const unauthorized = { ...own, ...traceHeaders(own) }
    const { timeoutMs } = endpoint.limits
    const readApiKey = (rejected: string | undefined) =>
      withinTime(() => endpoint.apiKey(path, rejected), {
        signal,
        milliseconds: timeoutMs,
        timeUp: () => timedOut(path, 'timeoutMs', timeoutMs),
      })
    let lastEventId: string | undefined
    let wasConnected = false
    /** Set from the refusal of a credential until the next event. */
    let refused: { apiKey: string; error: unknown } | undefined
    for (let failures = 0; !signal?.aborted; failures += 1) {
      let failure: unknown
      let apiKey: string | undefined
      try {
        apiKey = await readApiKey(refused?.apiKey)
        if (apiKey === refused?.apiKey) throw refused.error
        const headers = { ...unauthorized, authorization: `Bearer ${apiKey}` }
        const sent = lastEventId === undefined ? input : { ...(input as object), lastEventId }
        for await (const { event, data, id } of connect(endpoint, { path, input: sent, headers, signal })) {
          if (signal?.aborted || event === 'return') return
          if (event === 'serialized-error') throw errorOfShape(JSON.parse(data), { path, address: endpoint.url })
          // Store the id before `yield`: the consumer may stop there and never resume.
          lastEventId = id ?? lastEventId
          if (event === 'message') yield { ...JSON.parse(data), id }
          wasConnected = true
          failures = 0
          refused = undefined
        }
      } catch (error) {
        if (signal?.aborted) return
        if (apiKey !== undefined && !refused && error instanceof UnauthenticatedError) {
          refused = { apiKey, error }
          failures -= 1
          continue
        }
        if (!mayPass(error, wasConnected) || (!wasConnected && failures >= endpoint.limits.maxRetries))
          throw thrownAt(site, error)
        failure = error
      }
      await pause(Math.min(waitBefore(failures, failure), LONGEST_ASKED_MS), signal).catch(() => undefined)
    }
  }
}

/** A connected stream outlives an `apiKey` function that fails for a transient reason, such as a server that restarts. */
function mayPass(error: unknown, wasConnected: boolean): boolean {
  return isPassing(error) || (wasConnected && error instanceof MgxError && isPassing(error.cause))
}
