import type { Reason } from '@mgx/contract'
import type { LedgerObserver } from '@mgx/db'
import type { TRPCProcedureType } from '@trpc/server'

/** One call of a procedure, when it has ended; one of a stream, when the stream has begun or was refused. */
export type ObservedCall = {
  /** `<router>.<procedure>`. */
  readonly path: string
  readonly type: TRPCProcedureType
  /** Undefined when the call succeeded. */
  readonly reason: Reason | undefined
  readonly milliseconds: number
}

/**
 * Why a request was not authenticated: it had no credential, one that is none of ours by its form, or one that is unknown,
 * has ended, or is another client's.
 */
export type AuthenticationFailure = 'missing' | 'malformed' | 'rejected'

/** Is told what the services do. Its methods must be quick and must not throw. */
export type Observer = LedgerObserver & {
  called(call: ObservedCall): void
  /** Called once for each request, beside the calls of procedures, that was refused as `rate_limited`. */
  rateLimited(): void
  /** Called once for each request that needed a credential; not for one that was refused as `rate_limited` instead. */
  authenticationFailed(failure: AuthenticationFailure): void
}

/** For services that nobody observes. */
export const NO_OBSERVER: Observer = { called() {}, committed() {}, rateLimited() {}, authenticationFailed() {} }
