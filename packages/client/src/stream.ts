import type { CallOptions } from './call-options.js'
import type { Endpoint } from './client-options.js'
import { connect } from './connection.js'
import { errorOfShape } from './error-of-reason.js'
import { isPassing, pause, RETRIES } from './retry.js'
import type { StreamEvent } from './stream-event.js'

/** Subscribes to a procedure, by its path. */
export type Stream = (
  path: string,
  input: unknown,
  options: CallOptions | undefined,
) => AsyncIterable<StreamEvent<object>>

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 10_000

/**
 * Streams events over HTTP, as server-sent events. It connects when the first event is asked for. When a connection
 * breaks it connects again, after a random wait of up to ten seconds, and goes on after the last event, so that none is
 * missing and none comes twice. A server that was never reached is tried as often as for a call.
 */
export function streamOver(endpoint: Endpoint): Stream {
  return async function* (path, input, { signal } = {}) {
    let lastEventId: string | undefined
    let wasConnected = false
    for (let failures = 0; !signal?.aborted; failures += 1) {
      try {
        const sent = lastEventId === undefined ? input : { ...(input as object), lastEventId }
        for await (const { event, data, id } of connect(endpoint, { path, input: sent, signal })) {
          if (signal?.aborted || event === 'return') return
          if (event === 'serialized-error') throw errorOfShape(JSON.parse(data), path)
          // Kept before the event is handed out: whoever gets it may never come back.
          lastEventId = id ?? lastEventId
          if (event === 'message') yield { ...JSON.parse(data), id }
          wasConnected = true
          failures = 0
        }
      } catch (error) {
        if (signal?.aborted) return
        if (!isPassing(error) || (!wasConnected && failures === RETRIES)) throw error
      }
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures)
      await pause(Math.random() * wait, signal).catch(() => undefined)
    }
  }
}
