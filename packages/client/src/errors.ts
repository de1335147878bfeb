import type { Reason } from './generated/reasons.js'
import { mask } from './transport/observer.js'

/** Reasons that the client itself finds: no answer came, not in time, or one that is not from an MGX server. */
export type ClientReason = 'connection_failed' | 'timed_out' | 'unexpected_answer'

/** Facts of a failed call. */
export interface MgxErrorFacts {
  readonly reason: MgxError['reason']
  readonly message: string
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly details?: Record<string, unknown> | undefined
  readonly path?: string | undefined
  readonly cause?: unknown
}

/** A call that failed. The subclass, and `reason`, say why. */
export class MgxError extends Error {
  override readonly name: string = 'MgxError'
  /** Why, from a closed list; a server newer than this client may send one that is not on it yet. */
  readonly reason: Reason | ClientReason | (string & {})
  /** The HTTP status; undefined when no answer came. */
  readonly status: number | undefined
  /** Finds the call in the log of the server. */
  readonly requestId: string | undefined
  /** Facts to act on; which ones depends on the reason. */
  readonly details: Record<string, unknown>
  /** The procedure that was called, such as `projects.create`. */
  readonly path: string | undefined

  constructor(facts: MgxErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.reason = facts.reason
    this.status = facts.status
    this.requestId = facts.requestId
    this.details = facts.details ?? {}
    this.path = facts.path
  }

  /** For logs: what `JSON.stringify` shows of it. Keys and tokens are masked; the cause and the stack are left out. */
  toJSON(): Record<string, unknown> {
    const { name, message, reason, status, requestId, details, path } = this
    return mask({ name, message, reason, status, requestId, details, path })
  }
}

/** One field of a refused input: `path` is dotted (`records.3.totalCost`), `message` says what it must be. */
export interface InvalidField {
  readonly path: string
  readonly message: string
}

/** The input is not what the procedure takes; `fields` names what is wrong. Nothing was written. */
export class InvalidInputError extends MgxError {
  override readonly name = 'InvalidInputError'
  readonly fields: readonly InvalidField[]

  constructor(facts: MgxErrorFacts) {
    super(facts)
    const fields = this.details.fields
    this.fields = Array.isArray(fields) ? fields : []
  }
}

/** The spending would pass, or has passed, the budget. Amounts are decimal strings of USD, where they are known. */
export class BudgetExceededError extends MgxError {
  override readonly name = 'BudgetExceededError'
  readonly limit: string | undefined
  readonly spent: string | undefined
  readonly reserved: string | undefined
  readonly remaining: string | undefined
  readonly requested: string | undefined

  constructor(facts: MgxErrorFacts) {
    super(facts)
    const amount = (name: string) => (typeof this.details[name] === 'string' ? this.details[name] : undefined)
    this.limit = amount('limit')
    this.spent = amount('spent')
    this.reserved = amount('reserved')
    this.remaining = amount('remaining')
    this.requested = amount('requested')
  }
}

/** Too many calls; `retryAfterSeconds` says when the next one may come, where it is known. */
export class RateLimitedError extends MgxError {
  override readonly name = 'RateLimitedError'
  readonly retryAfterSeconds: number | undefined

  constructor(facts: MgxErrorFacts) {
    super(facts)
    const seconds = this.details.retryAfterSeconds
    this.retryAfterSeconds = typeof seconds === 'number' ? seconds : undefined
  }
}

/** No cost was given and the model, `details.model`, has no price: give `totalCost`, or set one with `prices.set`. */
export class UnknownModelError extends MgxError {
  override readonly name = 'UnknownModelError'
}

/** The server does not accept the `apiKey` of the client: it is wrong, expired or revoked. */
export class UnauthenticatedError extends MgxError {
  override readonly name = 'UnauthenticatedError'
}

/** The caller may not do this. */
export class ForbiddenError extends MgxError {
  override readonly name = 'ForbiddenError'
}

/** There is no such thing, or it belongs to someone else. */
export class NotFoundError extends MgxError {
  override readonly name = 'NotFoundError'
}

/** It clashes with what is there, such as a username that is taken. */
export class ConflictError extends MgxError {
  override readonly name = 'ConflictError'
}

/** A project cannot go from its status to the one asked for. */
export class InvalidTransitionError extends MgxError {
  override readonly name = 'InvalidTransitionError'
}

/** The reservation has another outcome already. */
export class ReservationClosedError extends MgxError {
  override readonly name = 'ReservationClosedError'
}

/** The session is closed or has expired. */
export class SessionClosedError extends MgxError {
  override readonly name = 'SessionClosedError'
}

/** The body is larger than the server takes: send fewer rows a call. */
export class PayloadTooLargeError extends MgxError {
  override readonly name = 'PayloadTooLargeError'
}

/** This idempotency key was used before with other content. Nothing was written. */
export class IdempotencyMismatchError extends MgxError {
  override readonly name = 'IdempotencyMismatchError'
}

/** The server, or its database, cannot serve now. */
export class UnavailableError extends MgxError {
  override readonly name = 'UnavailableError'
}

/** The server failed; `requestId` finds the call in its log. */
export class InternalError extends MgxError {
  override readonly name = 'InternalError'
}

/** No answer came. The server may or may not have done the work; `cause` is the error of the network. */
export class ConnectionError extends MgxError {
  override readonly name = 'ConnectionError'
}

/**
 * An answer came that is not one to this call: it is from no MGX server (is `url` right?), or from one that has nothing
 * at the address, or from one that is older than this client and has no such procedure. The message says which.
 */
export class UnexpectedAnswerError extends MgxError {
  override readonly name = 'UnexpectedAnswerError'
}

/** No answer came in time. The server may or may not have done the work. */
export class TimeoutError extends MgxError {
  override readonly name = 'TimeoutError'
  /** Which limit was passed: `timeoutMs` of the last try, or `deadlineMs` of the whole call. */
  readonly limit: 'timeoutMs' | 'deadlineMs'

  constructor(facts: MgxErrorFacts) {
    super(facts)
    this.limit = this.details.limit === 'deadlineMs' ? 'deadlineMs' : 'timeoutMs'
  }
}
