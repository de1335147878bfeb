import { reasons } from '@mgx/contract'
import type { Reason } from '../generated/reasons.js'
import { procedures } from './schema.js'

/**
 * How a call fails: it is refused for a reason; `connection_lost`, before the server got it; or `reply_lost`, after the
 * server did it.
 */
export type Failure = Reason | 'connection_lost' | 'reply_lost'

/** Which calls fail. */
export interface FailureOptions {
  /** The procedure, such as `budgets.settle`; any unless given. */
  readonly procedure?: string | undefined
  /** How many calls; one unless given. A client that tries again makes one more call with each try. */
  readonly times?: number | undefined
}

const failures = new Set<string>([...Object.keys(reasons), 'connection_lost', 'reply_lost'])

/** The failures that are to come. */
export function plannedFailures() {
  let planned: { failure: Failure; procedure: string | undefined; left: number }[] = []
  return {
    /** @throws TypeError for a failure, a procedure or a number of times that there is not. */
    plan(failure: Failure, { procedure, times = 1 }: FailureOptions = {}): void {
      if (!failures.has(failure)) throw new TypeError(`there is no failure ${failure}`)
      if (procedure !== undefined && !Object.hasOwn(procedures, procedure)) {
        throw new TypeError(`there is no procedure ${procedure}`)
      }
      if (!Number.isInteger(times) || times < 1) throw new TypeError('times must be a whole number, 1 or more')
      planned.push({ failure, procedure, left: times })
    },
    /** How a call of this procedure fails, if it does. */
    next(path: string): Failure | undefined {
      const met = planned.find(({ procedure }) => procedure === undefined || procedure === path)
      if (!met) return undefined
      met.left -= 1
      planned = planned.filter(({ left }) => left > 0)
      return met.failure
    },
  }
}

export type PlannedFailures = ReturnType<typeof plannedFailures>
