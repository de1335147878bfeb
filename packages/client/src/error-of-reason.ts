import * as errors from './errors.js'
import type { Reason } from './generated/reasons.js'
import type { MgxResponse } from './hooks.js'
import { retryAfterSeconds } from './retry-after.js'

type ErrorClass = new (facts: errors.MgxErrorFacts) => errors.MgxError

/** Every reason and its class. Those of a broken client or proxy have none of their own. */
const classes: Record<Reason | errors.ClientReason, ErrorClass> = {
  invalid_input: errors.InvalidInputError,
  unknown_model: errors.UnknownModelError,
  unauthenticated: errors.UnauthenticatedError,
  budget_exceeded: errors.BudgetExceededError,
  forbidden: errors.ForbiddenError,
  not_found: errors.NotFoundError,
  method_not_allowed: errors.MgxError,
  conflict: errors.ConflictError,
  invalid_transition: errors.InvalidTransitionError,
  reservation_closed: errors.ReservationClosedError,
  session_closed: errors.SessionClosedError,
  payload_too_large: errors.PayloadTooLargeError,
  unsupported_media_type: errors.MgxError,
  idempotency_mismatch: errors.IdempotencyMismatchError,
  rate_limited: errors.RateLimitedError,
  internal: errors.InternalError,
  unavailable: errors.UnavailableError,
  connection_failed: errors.ConnectionError,
  timed_out: errors.TimeoutError,
  unexpected_answer: errors.UnexpectedAnswerError,
}

/** What proxies and load balancers answer by themselves. */
const foreignReasons: Readonly<Record<number, Reason>> = {
  429: 'rate_limited',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}

type Headers = MgxResponse['headers']

/** An error as the server sends it: tRPC's form, with our `data`. */
export type SentError = {
  message: string
  data?: { reason?: string; httpStatus?: number; requestId?: string | null; details?: Record<string, unknown> } | null
}

/** The typed error of what the server sent; `headers` may say when to come again. */
export function errorOfShape({ message, data }: SentError, path: string, headers?: Headers): errors.MgxError {
  const { reason = 'unexpected_answer', httpStatus: status, requestId, details } = data ?? {}
  const known = { ...retryDetails(status, headers), ...details }
  return errorOf({ reason, status, requestId: requestId ?? undefined, details: known, path, message })
}

/** The typed error of an answer that is not from an MGX server, but from something in between or elsewhere. */
export function foreignAnswer(url: string, { status, headers }: MgxResponse, path: string): errors.MgxError {
  const reason = foreignReasons[status] ?? 'unexpected_answer'
  const hint = reason === 'unexpected_answer' ? ': is url the address of an MGX server?' : ''
  const message = `${url} answered ${status} with ${headers.get('content-type') ?? 'no content type'}${hint}`
  return errorOf({ reason, status, details: retryDetails(status, headers), message, path })
}

function retryDetails(status: number | undefined, headers: Headers | undefined) {
  const seconds = status === 429 || status === 503 ? retryAfterSeconds(headers?.get('retry-after') ?? null) : undefined
  return seconds === undefined ? {} : { retryAfterSeconds: seconds }
}

/** The same error with more to act on, if it is one of ours. */
export function withDetails(error: unknown, details: Record<string, unknown>): unknown {
  if (!(error instanceof errors.MgxError)) return error
  const { reason, message, status, requestId, path } = error
  return errorOf({ reason, message, status, requestId, path, details: { ...error.details, ...details }, cause: error })
}

/** The error of the class that its reason has. */
export function errorOf(facts: errors.MgxErrorFacts): errors.MgxError {
  const Class = Object.hasOwn(classes, facts.reason) ? classes[facts.reason as keyof typeof classes] : errors.MgxError
  return new Class(facts)
}
