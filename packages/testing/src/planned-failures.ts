import { procedures } from '@mgx/api'
import { type Reason, reasons } from '@mgx/contract'

/**
 * How a call fails: rejected with a reason, `connection_lost` before the server receives it, or `reply_lost` after the
 * server has executed it.
 */
export type Failure = Reason | 'connection_lost' | 'reply_lost'

/** Options of `failNext`: which calls fail. */
export interface FailureOptions {
  /** The procedure, such as `budgets.settle`; any procedure by default. */
  readonly procedure?: string | undefined
  /** The number of calls; 1 by default. Each retry of a client counts as a call. */
  readonly times?: number | undefined
}

/** The queue of failures for the next calls. */
export type PlannedFailures = {
  /** Adds a failure. @throws TypeError for an unknown failure or procedure, or when `times` is not a positive integer. */
  plan(failure: Failure, options?: FailureOptions): void
  /** Returns the failure for a call of this procedure, if any, and counts the call. */
  next(procedure: string): Failure | undefined
}

export const isReason = (failure: string | undefined): failure is Reason =>
  failure !== undefined && Object.hasOwn(reasons, failure)

export function plannedFailures(): PlannedFailures {
  let planned: { failure: Failure; procedure: string | undefined; left: number }[] = []
  return {
    plan(failure, { procedure, times = 1 } = {}) {
      const isKnown = isReason(failure) || failure === 'connection_lost' || failure === 'reply_lost'
      if (!isKnown) throw new TypeError(`unknown failure: ${failure}`)
      if (procedure !== undefined && !procedures.has(procedure)) {
        throw new TypeError(`unknown procedure: ${procedure}`)
      }
      if (!Number.isInteger(times) || times < 1) throw new TypeError('times must be a whole number, 1 or more')
      planned.push({ failure, procedure, left: times })
    },
    next(called) {
      const met = planned.find(({ procedure }) => procedure === undefined || procedure === called)
      if (!met) return undefined
      met.left -= 1
      planned = planned.filter(({ left }) => left > 0)
      return met.failure
    },
  }
}
