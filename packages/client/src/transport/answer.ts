import type { MgxError } from '../errors.js'
import { errorOf, type SentError } from './error-of-reason.js'

/** One call's answer in tRPC's form. */
export type Answer = { result?: { data?: unknown }; error?: SentError }

/** No whole answer came. */
export function connectionFailed(url: string, cause: unknown, path: string): MgxError {
  return errorOf({ reason: 'connection_failed', message: `no answer from ${url}: ${causeText(cause)}`, cause, path })
}

/** Node's fetch says "fetch failed" and keeps what happened in its cause. */
function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause
  if (!(inner instanceof Error)) return cause.message
  return inner.message || ('code' in inner ? String(inner.code) : cause.message)
}

/**
 * The answers to that many calls, one each; undefined for any text that is none. A request that is refused as a whole
 * has one answer for all of its calls.
 */
export function readAnswers(text: string, calls: number): Answer[] | undefined {
  const body = parsed(text)
  if (isAnswer(body) && (calls === 1 || body.error)) return Array<Answer>(calls).fill(body)
  return calls > 1 && Array.isArray(body) && body.length === calls && body.every(isAnswer) ? body : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Other APIs have results and errors too: ours are known by their data, and by their reason. */
function isAnswer(body: unknown): body is Answer {
  if (!isObject(body)) return false
  if ('result' in body) return isObject(body.result) && 'data' in body.result
  if (!('error' in body && isObject(body.error) && 'message' in body.error && 'data' in body.error)) return false
  const { message, data } = body.error
  return typeof message === 'string' && isObject(data) && 'reason' in data && typeof data.reason === 'string'
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
