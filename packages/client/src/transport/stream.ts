import type { StreamOptions } from '../options.js'
import { type Endpoint, readCallOptions } from '../read-options.js'
import { type CallSite, thrownAt } from './call-site.js'
import { connect } from './connection.js'
import { errorOfShape } from './error-of-reason.js'
import { isPassing, LONGEST_ASKED_MS, pause, waitBefore } from './retry.js'
import { traceHeaders } from './trace-context.js'

/** One event of a stream, with the id to go on from: as `lastEventId` it asks for what comes after this one. */
export type StreamEvent<Data> = Data & { readonly id: string }

/** Subscribes to a procedure, by its path; a failure is thrown at the place of the call. */
export type Stream = (
  path: string,
  input: unknown,
  options: StreamOptions | undefined,
  site: CallSite,
) => AsyncIterable<StreamEvent<object>>

/**
 * Streams events over HTTP, as server-sent events. It connects when the first event is asked for. When a connection
 * breaks it connects again, after a random wait of up to ten seconds, and goes on after the last event, so that none is
 * missing and none comes twice. A server that was never reached is tried as often as for a call.
 */
export function streamOver(endpoint: Endpoint): Stream {
  return async function* (path, input, options = {}, site) {
    const { signal } = options
    const { headers: own } = readCallOptions(endpoint, options)
    const headers = { ...own, ...traceHeaders(own) }
    let lastEventId: string | undefined
    let wasConnected = false
    for (let failures = 0; !signal?.aborted; failures += 1) {
      let failure: unknown
      try {
        const sent = lastEventId === undefined ? input : { ...(input as object), lastEventId }
        for await (const { event, data, id } of connect(endpoint, { path, input: sent, headers, signal })) {
          if (signal?.aborted || event === 'return') return
          if (event === 'serialized-error') throw errorOfShape(JSON.parse(data), { path, address: endpoint.url })
          // Kept before the event is handed out: whoever gets it may never come back.
          lastEventId = id ?? lastEventId
          if (event === 'message') yield { ...JSON.parse(data), id }
          wasConnected = true
          failures = 0
        }
      } catch (error) {
        if (signal?.aborted) return
        if (!isPassing(error) || (!wasConnected && failures >= endpoint.limits.maxRetries)) throw thrownAt(site, error)
        failure = error
      }
      await pause(Math.min(waitBefore(failures, failure), LONGEST_ASKED_MS), signal).catch(() => undefined)
    }
  }
}
