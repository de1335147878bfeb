import type { Reason } from './generated/reasons.js'
import { mask } from './transport/observer.js'

/** Reasons set by the client: no response, no response in time, an unexpected response, or an `apiKey` function that fails. */
export type ClientReason = 'connection_failed' | 'timed_out' | 'unexpected_answer' | 'api_key_failed'

/** What is known about a failed call. */
export interface MgxErrorFacts {
  readonly reason: MgxError['reason']
  readonly message: string
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly details?: Record<string, unknown> | undefined
  readonly path?: string | undefined
  readonly cause?: unknown
}

/** Thrown when a call fails. The subclass and `reason` say why. */
export class MgxError extends Error {
  override readonly name: string = 'MgxError'
  /** Why the call failed. A server newer than this client may send a reason that is not in this list. */
  readonly reason: Reason | ClientReason | (string & {})
  /** The HTTP status; undefined when there was no response. */
  readonly status: number | undefined
  /** Identifies the call in the server's log. */
  readonly requestId: string | undefined
  /** Machine-readable facts about the failure; which ones depends on the reason. */
  readonly details: Record<string, unknown>
  /** The procedure called, such as `projects.create`. */
  readonly path: string | undefined

  constructor(facts: MgxErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.reason = facts.reason
    this.status = facts.status
    this.requestId = facts.requestId
    this.details = facts.details ?? {}
    this.path = facts.path
  }

  /** Returns what `JSON.stringify` logs: keys and tokens are masked, the cause and the stack are left out. */
  toJSON(): Record<string, unknown> {
    const { name, message, reason, status, requestId, details, path } = this
    return mask({ name, message, reason, status, requestId, details, path })
  }
}

/** One invalid field of an input: `path` is dotted (`records.3.totalCost`), `message` says what is wrong. */
export interface InvalidField {
  readonly path: string
  readonly message: string
}

/** The input is invalid; `fields` lists the invalid fields. Nothing was written. */
export class InvalidInputError extends MgxError {
  override readonly name = 'InvalidInputError'
  readonly fields: readonly InvalidField[]

  constructor(facts: MgxErrorFacts) {
    super(facts)
    const fields = this.details.fields
    this.fields = Array.isArray(fields) ? fields : []
  }
}

/** The call would exceed, or has exceeded, the budget. Amounts are decimal strings of USD, undefined when unknown. */
export class BudgetExceededError extends MgxError {
  override readonly name = 'BudgetExceededError'
  /**
   * Why there is no room: `held` when the amount would fit if the open holds were gone, so that it may fit later; `spent`
   * when it would not. Undefined when the server is older than this field.
   */
  readonly shortage: 'held' | 'spent' | undefined
  readonly limit: string | undefined
  readonly spent: string | undefined
  /** The sum of the open holds. */
  readonly reserved: string | undefined
  readonly remaining: string | undefined
  /** The amount that did not fit; undefined for a call that was recorded. */
  readonly requested: string | undefined

  constructor(facts: MgxErrorFacts) {
    super(facts)
    const { shortage } = this.details
    this.shortage = shortage === 'held' || shortage === 'spent' ? shortage : undefined
    const amount = (name: string) => (typeof this.details[name] === 'string' ? this.details[name] : undefined)
    this.limit = amount('limit')
    this.spent = amount('spent')
    this.reserved = amount('reserved')
    this.remaining = amount('remaining')
    this.requested = amount('requested')
  }
}

/** Too many calls; `retryAfterSeconds` says how long to wait before the next one, when known. */
export class RateLimitedError extends MgxError {
  override readonly name = 'RateLimitedError'
  readonly retryAfterSeconds: number | undefined

  constructor(facts: MgxErrorFacts) {
    super(facts)
    const seconds = this.details.retryAfterSeconds
    this.retryAfterSeconds = typeof seconds === 'number' ? seconds : undefined
  }
}

/** The model, `details.model`, has no price: pass `totalCost`, or set a price with `prices.set`. */
export class UnknownModelError extends MgxError {
  override readonly name = 'UnknownModelError'
}

/** The server does not accept the client's `apiKey`: it is wrong, expired or revoked. */
export class UnauthenticatedError extends MgxError {
  override readonly name = 'UnauthenticatedError'
}

/** The caller is not allowed to do this. */
export class ForbiddenError extends MgxError {
  override readonly name = 'ForbiddenError'
}

/** The row does not exist, or belongs to another user. */
export class NotFoundError extends MgxError {
  override readonly name = 'NotFoundError'
}

/** The call conflicts with existing data, such as a username that is already taken. */
export class ConflictError extends MgxError {
  override readonly name = 'ConflictError'
}

/** The project cannot change from its current status to the requested one. */
export class InvalidTransitionError extends MgxError {
  override readonly name = 'InvalidTransitionError'
}

/** The reservation is already closed with a different outcome. */
export class ReservationClosedError extends MgxError {
  override readonly name = 'ReservationClosedError'
}

/** The session is closed or has expired. */
export class SessionClosedError extends MgxError {
  override readonly name = 'SessionClosedError'
}

/** The request body is larger than the server accepts: send fewer rows per call. */
export class PayloadTooLargeError extends MgxError {
  override readonly name = 'PayloadTooLargeError'
}

/** The idempotency key was already used with different content. Nothing was written. */
export class IdempotencyMismatchError extends MgxError {
  override readonly name = 'IdempotencyMismatchError'
}

/** The server or its database is temporarily unavailable. */
export class UnavailableError extends MgxError {
  override readonly name = 'UnavailableError'
}

/** The server failed unexpectedly; `requestId` identifies the call in its log. */
export class InternalError extends MgxError {
  override readonly name = 'InternalError'
}

/** There was no response. The server may or may not have executed the call; `cause` is the network error. */
export class ConnectionError extends MgxError {
  override readonly name = 'ConnectionError'
}

/**
 * The response is not from the called procedure: it is not from an MGX server at all (check `url`), the server has nothing
 * at this address, or the server is older than this client and lacks the procedure. The message says which.
 */
export class UnexpectedAnswerError extends MgxError {
  override readonly name = 'UnexpectedAnswerError'
}

/** There was no response in time. The server may or may not have executed the call. */
export class TimeoutError extends MgxError {
  override readonly name = 'TimeoutError'
  /** The limit that was exceeded: `timeoutMs` of the last attempt, or `deadlineMs` of the whole call. */
  readonly limit: 'timeoutMs' | 'deadlineMs'

  constructor(facts: MgxErrorFacts) {
    super(facts)
    this.limit = this.details.limit === 'deadlineMs' ? 'deadlineMs' : 'timeoutMs'
  }
}
