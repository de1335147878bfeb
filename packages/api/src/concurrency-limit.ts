import { setImmediate } from 'node:timers'
import { rateLimited } from '@mgx/contract'

export type ConcurrencyLimit = {
  /**
   * Does the work of one call of a user, when few enough others of the same user are under way.
   * @throws DomainError `rate_limited` when too many calls of this user wait.
   */
  run<Result>(userId: number, work: () => Promise<Result>): Promise<Result>
}

type Calls = { running: number; waiting: (() => void)[] }

/**
 * Of the calls of one user, `atOnce` run at a time and at most `maxWaiting` wait, so that however many one user sends, in a
 * batch or over many connections, the calls of others find the event loop and the database free.
 */
export function limitConcurrency({ atOnce, maxWaiting }: { atOnce: number; maxWaiting: number }): ConcurrencyLimit {
  const callsOf = new Map<number, Calls>()

  function begin(userId: number): Promise<void> | undefined {
    const calls = callsOf.get(userId) ?? { running: 0, waiting: [] }
    callsOf.set(userId, calls)
    if (calls.running < atOnce) {
      calls.running += 1
      return undefined
    }
    if (calls.waiting.length >= maxWaiting) throw rateLimited('too many of your calls are waiting: wait a moment')
    return new Promise((resolve) => calls.waiting.push(resolve))
  }

  function end(userId: number): void {
    const calls = callsOf.get(userId)
    if (!calls) return
    const next = calls.waiting.shift()
    // Calls that need no I/O would otherwise let nothing else happen until all that wait are done.
    if (next) setImmediate(next)
    else calls.running -= 1
    if (calls.running === 0) callsOf.delete(userId)
  }

  return {
    async run(userId, work) {
      await begin(userId)
      try {
        return await work()
      } finally {
        end(userId)
      }
    },
  }
}
