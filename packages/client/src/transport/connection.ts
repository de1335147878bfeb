import type { CallSignal, FetchedResponse } from '../options.js'
import type { Endpoint } from '../read-options.js'
import { connectionFailed, readAnswers } from './answer.js'
import { errorOf, errorOfShape, foreignAnswer } from './error-of-reason.js'
import { responseOf } from './request.js'
import { type BodyReader, readEvents, type ServerSentEvent } from './server-sent-events.js'

/** The longest allowed silence until the server announces its own limit. */
const SILENCE_MS = 60_000

type Subscribing = {
  path: string
  input: unknown
  headers: Record<string, string>
  signal: CallSignal | undefined
}

/**
 * Opens one connection to a subscription and yields its events as they arrive. The first event, `connected`, carries the
 * id to resume from until a later event has one. Returns when the server closes the connection, and closes it when the
 * consumer stops.
 * @throws ConnectionError when connecting fails, the connection breaks or is silent for too long; an MgxError when the
 *   server rejects the subscription.
 */
export async function* connect(
  { url, fetch, observer }: Endpoint,
  { path, input, headers, signal }: Subscribing,
): AsyncGenerator<ServerSentEvent, void> {
  const address = `${url}/${path}`
  const connected = new AbortController()
  const giveUp = () => connected.abort(signal?.reason)
  const silence = silenceTimer(() => connected.abort(new Error('the connection was silent for too long')))
  signal?.addEventListener('abort', giveUp)
  try {
    silence.restart()
    const sent = {
      headers: { ...headers, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify(input),
    }
    const answered = observer.request({ url: address, paths: [path], ...sent })
    const init = { method: 'POST', ...sent, signal: connected.signal }
    const response = await fetch(address, init).catch((cause: unknown) => {
      throw connectionFailed(address, cause, path)
    })
    answered(responseOf(response))
    const reader = await readerOf(response, address, path)
    for await (const event of readEvents(reader)) {
      silence.stop()
      if (event.event === 'connected') {
        silence.allow(JSON.parse(event.data).reconnectAfterInactivityMs)
        yield { ...event, id: response.headers.get('last-event-id') ?? undefined }
      } else yield event
      silence.restart()
    }
  } finally {
    silence.stop()
    signal?.removeEventListener('abort', giveUp)
    connected.abort()
  }
}

/** Returns the reader of the event stream. @throws MgxError when the response is not one. */
async function readerOf(response: FetchedResponse, address: string, path: string): Promise<BodyReader> {
  const type = response.headers.get('content-type')
  if (type?.startsWith('text/event-stream')) {
    const reader = response.body?.getReader()
    if (!reader)
      throw errorOf({ reason: 'unexpected_answer', message: 'the response of fetch has no body to stream', path })
    return {
      read: () =>
        reader.read().catch((cause: unknown) => {
          throw connectionFailed(address, cause, path)
        }),
    }
  }
  const text = await response.text().catch((cause: unknown) => {
    throw connectionFailed(address, cause, path)
  })
  const [answer] = readAnswers(text, 1) ?? []
  throw answer?.error
    ? errorOfShape(answer.error, { path, address, headers: response.headers })
    : foreignAnswer(address, responseOf(response), path)
}

function silenceTimer(onSilence: () => void) {
  let milliseconds = SILENCE_MS
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = () => clearTimeout(timer)
  return {
    stop,
    restart() {
      stop()
      timer = setTimeout(onSilence, milliseconds)
    },
    allow(told: unknown) {
      if (typeof told === 'number') milliseconds = told
    },
  }
}
