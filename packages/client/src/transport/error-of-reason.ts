import type { MissingDetails } from '@mgx/contract'
import * as errors from '../errors.js'
import type { Reason } from '../generated/reasons.js'
import type { MgxResponse } from '../hooks.js'
import { retryAfterSeconds } from './retry.js'

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

const NOT_ACCEPTED =
  'the server does not accept the apiKey: it is wrong, expired or revoked. Give createMgxClient a valid API key or ' +
  'session token as apiKey, or set MGX_API_KEY'

/** The typed error of what the server at `address` sent; `headers` may say when to come again. */
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

/** What it means that the server does not find a procedure or a path. No row is missing: the call went to the wrong server. */
const missingText: Record<Missing, (address: string) => string> = {
  procedure: (address) => `no such procedure at ${address}: the MGX server there is older than this client`,
  path: (address) => `the MGX server has nothing at ${address}: url must be its base address`,
}

/** Older servers tell it by their message alone. */
function whatIsMissing(message: string, told: unknown): Missing | undefined {
  if (told === 'procedure' || message.startsWith('No procedure found on path')) return 'procedure'
  return told === 'path' || message === 'there is nothing at this path' ? 'path' : undefined
}

/** The typed error of an answer to no call: from something in between or elsewhere, or from another part of the server. */
export function foreignAnswer(address: string, { status, headers }: MgxResponse, path: string): errors.MgxError {
  const reason = foreignReasons[status] ?? 'unexpected_answer'
  const hint = reason === 'unexpected_answer' ? `: ${addressHint(headers)}` : ''
  const message = `${address} answered ${status} with ${headers.get('content-type') ?? 'no content type'}${hint}`
  return errorOf({ reason, status, details: retryDetails(status, headers), message, path })
}

function addressHint(headers: Headers): string {
  return headers.get('x-mgx-contract') === null
    ? 'is url the base address of an MGX server?'
    : 'an MGX server is there, but url must be its base address, without /api'
}

function retryDetails(status: number | undefined, headers: Headers | undefined): Record<string, unknown> {
  const seconds = status === 429 || status === 503 ? retryAfterSeconds(headers?.get('retry-after') ?? null) : undefined
  return seconds === undefined ? {} : { retryAfterSeconds: seconds }
}

/** The error of the class that its reason has; its message begins with the procedure that was called. */
export function errorOf({ path, ...facts }: errors.MgxErrorFacts & { path: string }): errors.MgxError {
  const Class = Object.hasOwn(classes, facts.reason) ? classes[facts.reason as keyof typeof classes] : errors.MgxError
  return new Class({ ...facts, path, message: `${path}: ${facts.message}` })
}
