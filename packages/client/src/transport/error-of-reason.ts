import type { MissingDetails } from '@mgx/contract'
import * as errors from '../errors.js'
import type { Reason } from '../generated/reasons.js'
import type { MgxResponse } from '../hooks.js'
import { retryAfterSeconds } from './retry.js'

type ErrorClass = new (facts: errors.MgxErrorFacts) => errors.MgxError

/** The error class of each reason. Reasons that only a broken client or proxy can cause have no class of their own. */
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
  api_key_failed: errors.MgxError,
}

/** Reasons for the statuses that proxies and load balancers return by themselves. */
const foreignReasons: Readonly<Record<number, Reason>> = {
  429: 'rate_limited',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
}

type Headers = MgxResponse['headers']

/** An error as the server sends it: tRPC's format, with MGX's own `data`. */
export type SentError = {
  message: string
  data?: { reason?: string; httpStatus?: number; requestId?: string | null; details?: Record<string, unknown> } | null
}

const NOT_ACCEPTED =
  'the server does not accept the apiKey: it is wrong, expired or revoked. Give createMgxClient a valid API key or ' +
  'session token as apiKey, or set MGX_API_KEY'

/** Creates the typed error for an error sent by the server at `address`; reads `Retry-After` from `headers`. */
export function errorOfShape(
  { message, data }: SentError,
  { path, address, headers }: { path: string; address: string; headers?: Headers },
): errors.MgxError {
  const { reason = 'unexpected_answer', httpStatus: status, requestId, details } = data ?? {}
  const known = { ...retryDetails(status, headers), ...details }
  const facts = { status, requestId: requestId ?? undefined, details: known, path }
  if (reason === 'unauthenticated') return errorOf({ ...facts, reason, message: NOT_ACCEPTED })
  const missing = reason === 'not_found' && whatIsMissing(message, known.missing)
  if (missing) return errorOf({ ...facts, reason: 'unexpected_answer', message: missingText[missing](address) })
  return errorOf({ ...facts, reason, message })
}

type Missing = MissingDetails['missing']

/** Messages for a `not_found` that is about the procedure or the path, not a row: `url` or the server version is wrong. */
const missingText: Record<Missing, (address: string) => string> = {
  procedure: (address) => `no such procedure at ${address}: the MGX server there is older than this client`,
  path: (address) => `the MGX server has nothing at ${address}: url must be its base URL`,
}

/** Older servers send no `details.missing`; recognize their messages. */
function whatIsMissing(message: string, told: unknown): Missing | undefined {
  if (told === 'procedure' || message.startsWith('No procedure found on path')) return 'procedure'
  return told === 'path' || message === 'there is nothing at this path' ? 'path' : undefined
}

/** Creates the error for a response that is not tRPC's: from a proxy, another server, or another path of the MGX server. */
export function foreignAnswer(address: string, { status, headers }: MgxResponse, path: string): errors.MgxError {
  const reason = foreignReasons[status] ?? 'unexpected_answer'
  const hint = reason === 'unexpected_answer' ? `: ${addressHint(headers)}` : ''
  const message = `${address} returned ${status} with ${headers.get('content-type') ?? 'no content type'}${hint}`
  return errorOf({ reason, status, details: retryDetails(status, headers), message, path })
}

/** Creates the error for an error response of the token endpoint (RFC 6749); undefined when it is no such response. */
export function refusedToken(answer: unknown, { status, headers }: Omit<MgxResponse, 'requestId'>, path: string) {
  const { error, error_description: description } = (answer ?? {}) as Record<string, unknown>
  if (typeof error !== 'string') return undefined
  const reason = foreignReasons[status] ?? (status === 401 ? 'unauthenticated' : error)
  const message = typeof description === 'string' ? `${error}: ${description}` : error
  return errorOf({ reason, status, details: { ...retryDetails(status, headers), error }, message, path })
}

/** Creates the error for a call without a response in time. */
export function timedOut(path: string, limit: 'timeoutMs' | 'deadlineMs', milliseconds: number): errors.MgxError {
  const message = `no response within ${milliseconds} ms (${limit})`
  return errorOf({ reason: 'timed_out', message, path, details: { limit, milliseconds } })
}

function addressHint(headers: Headers): string {
  return headers.get('x-mgx-contract') === null
    ? 'is url the base URL of an MGX server?'
    : 'this is an MGX server, but url must be its base URL, without /api'
}

function retryDetails(status: number | undefined, headers: Headers | undefined): Record<string, unknown> {
  const seconds = status === 429 || status === 503 ? retryAfterSeconds(headers?.get('retry-after') ?? null) : undefined
  return seconds === undefined ? {} : { retryAfterSeconds: seconds }
}

/** Creates the error of the reason's class; prefixes the message with the procedure. */
export function errorOf({ path, ...facts }: errors.MgxErrorFacts & { path: string }): errors.MgxError {
  const Class = Object.hasOwn(classes, facts.reason) ? classes[facts.reason as keyof typeof classes] : errors.MgxError
  return new Class({ ...facts, path, message: `${path}: ${facts.message}` })
}
