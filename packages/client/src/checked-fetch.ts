import type { FetchLike } from './client-options.js'
import { errorOf, type SentError } from './error-of-reason.js'
import type { MgxError } from './errors.js'

type Sent = Parameters<FetchLike>[1]

/**
 * Wraps `fetch` so that whatever comes back is an answer in tRPC's form, or else a typed error.
 * @throws ConnectionError when no whole answer came; UnavailableError for a 502, 503 or 504 of something in between;
 *   UnexpectedAnswerError for anything else that no MGX server sends.
 */
export function checkedFetch(fetch: FetchLike) {
  return async (url: string, init: Sent): Promise<{ ok: boolean; json(): Promise<unknown> }> => {
    const { status, type, text } = await answerOf(fetch, url, init)
    const body = readAnswer(text)
    if (!body) throw foreignAnswer({ url, status, type })
    return { ok: status >= 200 && status < 300, json: async () => body }
  }
}

async function answerOf(fetch: FetchLike, url: string, init: Sent) {
  try {
    const response = await fetch(url, init)
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
  } catch (cause) {
    throw connectionFailed(url, cause)
  }
}

/** No whole answer came. */
export function connectionFailed(url: string, cause: unknown): MgxError {
  return errorOf({ reason: 'connection_failed', message: `No answer from ${url}: ${causeText(cause)}`, cause })
}

/** The answer is not from an MGX server, but from something in between or elsewhere. */
export function foreignAnswer({ url, status, type }: { url: string; status: number; type: string | null }): MgxError {
  const reason = status >= 502 && status <= 504 ? 'unavailable' : 'unexpected_answer'
  const hint = reason === 'unavailable' ? '' : ': is url the address of an MGX server?'
  return errorOf({ reason, status, message: `${url} answered ${status} with ${type ?? 'no content type'}${hint}` })
}

/** Node's fetch says "fetch failed" and keeps what happened in its cause. */
function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause
  if (!(inner instanceof Error)) return cause.message
  return inner.message || ('code' in inner ? String(inner.code) : cause.message)
}

/** An answer in tRPC's form; undefined for any other text. */
export function readAnswer(text: string): { result?: unknown; error?: SentError } | undefined {
  const body = parsed(text)
  return isAnswer(body) ? body : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isAnswer(body: unknown): body is object {
  if (typeof body !== 'object' || body === null) return false
  if ('result' in body) return true
  return (
    'error' in body &&
    typeof body.error === 'object' &&
    body.error !== null &&
    'code' in body.error &&
    'message' in body.error
  )
}
