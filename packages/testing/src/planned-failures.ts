import { procedures } from '@mgx/api'
import { type Reason, reasons } from '@mgx/contract'

/**
 * How a call fails: it is refused for a reason; `connection_lost`, before the server received it; or `reply_lost`, after
 * the server did it.
 */
export type Failure = Reason | 'connection_lost' | 'reply_lost'

/** Which calls fail. */
export interface FailureOptions {
  /** The procedure, such as `budgets.settle`; any unless given. */
  readonly procedure?: string | undefined
  /** How many calls; one unless given. A client that retries makes one more call with each try. */
  readonly times?: number | undefined
}

/** The failures that are to come. */
export type PlannedFailures = {
  /** @throws TypeError for a failure, a procedure or a number of times that does not exist. */
  plan(failure: Failure, options?: FailureOptions): void
  /** How a call of this procedure fails, if it does; counts it. */
  next(procedure: string): Failure | undefined
}

export const isReason = (failure: string | undefined): failure is Reason =>
  failure !== undefined && Object.hasOwn(reasons, failure)

export function plannedFailures(): PlannedFailures {
  let planned: { failure: Failure; procedure: string | undefined; left: number }[] = []
  return {
    plan(failure, { procedure, times = 1 } = {}) {
      const isKnown = isReason(failure) || failure === 'connection_lost' || failure === 'reply_lost'
      if (!isKnown) throw new TypeError(`there is no failure ${failure}`)
      if (procedure !== undefined && !procedures.has(procedure)) {
        throw new TypeError(`there is no procedure ${procedure}`)
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
