import type { MgxError } from '../errors.js'
import { errorOf, type SentError } from './error-of-reason.js'

/** The tRPC response to one call. */
export type Answer = { result?: { data?: unknown }; error?: SentError }

/** Creates the error for a missing or incomplete response. */
export function connectionFailed(url: string, cause: unknown, path: string): MgxError {
  return errorOf({ reason: 'connection_failed', message: `no response from ${url}: ${causeText(cause)}`, cause, path })
}

/** Returns the message of an error. Node's fetch only says "fetch failed" and keeps the actual error in `cause`. */
export function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause
  if (!(inner instanceof Error)) return cause.message
  return inner.message || ('code' in inner ? String(inner.code) : cause.message)
}

/**
 * Parses the body of a response to that many calls; returns one `Answer` per call, or undefined when it is not tRPC's. When
 * the request was rejected as a whole, every call gets the same error.
 */
export function readAnswers(text: string, calls: number): Answer[] | undefined {
  const body = parsed(text)
  if (isAnswer(body) && (calls === 1 || body.error)) return Array<Answer>(calls).fill(body)
  return calls > 1 && Array.isArray(body) && body.length === calls && body.every(isAnswer) ? body : undefined
}

/** Parses JSON; returns undefined when the text is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Other APIs have `result` and `error` too: a tRPC result also has `data`, and an MGX error has a `reason`. */
function isAnswer(body: unknown): body is Answer {
  if (!isObject(body)) return false
  if ('result' in body) return isObject(body.result) && 'data' in body.result
  if (!('error' in body && isObject(body.error) && 'message' in body.error && 'data' in body.error)) return false
  const { message, data } = body.error
  return typeof message === 'string' && isObject(data) && 'reason' in data && typeof data.reason === 'string'
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
