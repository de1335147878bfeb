import type { Reason } from '../generated/reasons.js'

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

/** The failures that are to come. */
export function plannedFailures() {
  let planned: { failure: Failure; procedure: string | undefined; left: number }[] = []
  return {
    plan(failure: Failure, { procedure, times = 1 }: FailureOptions = {}): void {
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
