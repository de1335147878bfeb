import { MAX_BODY_BYTES } from './limits.js'

/**
 * The closed list of reasons for refusing a call, each with its tRPC code and HTTP status.
 * `budget_exceeded` is 402 rather than 429, because clients retry 429.
 */
export const reasons = {
  invalid_input: { code: 'BAD_REQUEST', httpStatus: 400 },
  unknown_model: { code: 'BAD_REQUEST', httpStatus: 400 },
  unauthenticated: { code: 'UNAUTHORIZED', httpStatus: 401 },
  budget_exceeded: { code: 'PAYMENT_REQUIRED', httpStatus: 402 },
  forbidden: { code: 'FORBIDDEN', httpStatus: 403 },
  not_found: { code: 'NOT_FOUND', httpStatus: 404 },
  method_not_allowed: { code: 'METHOD_NOT_SUPPORTED', httpStatus: 405 },
  conflict: { code: 'CONFLICT', httpStatus: 409 },
  invalid_transition: { code: 'CONFLICT', httpStatus: 409 },
  reservation_closed: { code: 'CONFLICT', httpStatus: 409 },
  session_closed: { code: 'CONFLICT', httpStatus: 409 },
  payload_too_large: { code: 'PAYLOAD_TOO_LARGE', httpStatus: 413 },
  unsupported_media_type: { code: 'UNSUPPORTED_MEDIA_TYPE', httpStatus: 415 },
  idempotency_mismatch: { code: 'UNPROCESSABLE_CONTENT', httpStatus: 422 },
  rate_limited: { code: 'TOO_MANY_REQUESTS', httpStatus: 429 },
  internal: { code: 'INTERNAL_SERVER_ERROR', httpStatus: 500 },
  unavailable: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503 },
} as const

export type Reason = keyof typeof reasons

/** Facts a caller can act on; the fields depend on the reason. Never contains SQL, stack traces or file paths. */
export type ErrorDetails = Record<string, unknown>

/** One invalid field of an input: `path` is dotted ("records.3.totalCost"), `message` says what the field must be. */
export type InvalidField = { path: string; message: string }

/**
 * Details of `not_found` when the procedure or the path does not exist, as opposed to a row: the caller is newer than
 * this server, or uses a wrong address.
 */
export type MissingDetails = { missing: 'procedure' | 'path' }

/** A refusal with a reason from the closed list. Callers see every other error as `internal`. */
export class DomainError extends Error {
  override readonly name = 'DomainError'
  readonly reason: Reason
  readonly details: ErrorDetails | undefined

  constructor(reason: Reason, message: string, details?: ErrorDetails, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
    this.details = details
  }
}

/** Returns an `invalid_input` error that names one field. */
export function invalidField(path: string, message: string): DomainError {
  return new DomainError('invalid_input', `${path}: ${message}`, {
    fields: [{ path, message }] satisfies InvalidField[],
  })
}

/** Returns a `not_found` error, with the same words for an id that does not exist and for one of another tenant. */
export function notFound(what: string): DomainError {
  return new DomainError('not_found', `${what} not found`)
}

/**
 * Returns a `rate_limited` error for a caller with too many calls in progress; it suggests a retry after one second.
 */
export function rateLimited(message: string): DomainError {
  return new DomainError('rate_limited', message, { retryAfterSeconds: 1 })
}

/** The message of `payload_too_large`. */
export const BODY_TOO_LARGE = `the body must be at most ${MAX_BODY_BYTES / 1024 / 1024} MiB`
