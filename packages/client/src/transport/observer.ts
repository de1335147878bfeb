import { contractHash } from '../generated/contract-hash.js'
import type { AnsweredRequest, Hooks, MgxLogger, MgxRequest, MgxResponse } from '../hooks.js'

/** A request as sent, not yet masked. */
export type Sent = { url: string; paths: readonly string[]; headers: Record<string, string>; body: string | undefined }

/** Reports requests and responses to the hooks and the logger. */
export interface Observer {
  readonly logger: MgxLogger
  /** Reports a request; returns a function that reports its response. `text` is the body, if it was read. */
  request(sent: Sent): (response: MgxResponse, text?: string) => void
}

/** Creates the observer of one client. An error thrown by a hook is logged and never fails a call. */
export function observerOf({ onRequest, onResponse, logger: given }: Hooks): Observer {
  const logger = given ?? { debug() {}, warn: (message, facts) => console.warn(message, facts) }
  const isWatched = onRequest !== undefined || onResponse !== undefined || given !== undefined
  const checkContract = contractCheck(logger)
  const tell = <Fact>(hook: ((fact: Fact) => void) | undefined, fact: Fact) => {
    try {
      hook?.(fact)
    } catch (error) {
      logger.warn('mgx: a hook threw', { error })
    }
  }
  const logRequest = (request: MgxRequest) => logger.debug(`mgx: sending ${request.paths.join()}`, request)
  const logAnswer = (answered: AnsweredRequest) =>
    logger.debug(`mgx: ${answered.paths.join()} returned ${answered.response.status}`, answered)

  return {
    logger,
    request({ url, paths, headers, body }) {
      if (!isWatched) return checkContract
      const begin = performance.now()
      const request = { url, paths, headers: mask(headers), body: mask(parsed(body)) }
      tell(onRequest, request)
      tell(logRequest, request)
      return (response, text) => {
        checkContract(response)
        const durationMs = performance.now() - begin
        const answered = { ...request, durationMs, response, answer: mask(parsed(text)) }
        tell(onResponse, answered)
        tell(logAnswer, answered)
      }
    },
  }
}

/** Warns once when the server's contract differs from the one this client was generated from. */
function contractCheck(logger: MgxLogger): (response: MgxResponse) => void {
  let warned = false
  return ({ headers }) => {
    const server = headers.get('x-mgx-contract')
    if (warned || !server || server === contractHash) return
    warned = true
    logger.warn('mgx: client and server have different versions; install the client version that matches the server', {
      client: contractHash,
      server,
    })
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const SECRET_NAME = /(authorization|cookie|secret|password|token|api[-_]?key)$/i
const SECRET_VALUE = /mgx_(key|ses)_[^\s"']+/g
const MASK = '[masked]'

/** Returns a copy with secrets masked: strings in fields named like one, and MGX keys and tokens inside any text. */
export function mask<Value>(value: Value): Value {
  return masked(value) as Value
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(SECRET_VALUE, MASK)
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      SECRET_NAME.test(name) && typeof field === 'string' ? MASK : masked(field),
    ]),
  )
}
