import { setImmediate } from 'node:timers'
import { rateLimited } from '@mgx/contract'

export type ConcurrencyLimit = {
  /**
   * Runs one call of a user once few enough of the user's other calls are running.
   * @throws DomainError `rate_limited` when too many calls of this user are waiting.
   */
  run<Result>(userId: number, work: () => Promise<Result>): Promise<Result>
}

type Calls = { running: number; waiting: (() => void)[] }

/**
 * Lets each user run `atOnce` calls at a time and have `maxWaiting` more wait, so that a flood from one user, in a
 * batch or over many connections, leaves the event loop and the database free for other users.
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
    // Called directly, calls without I/O would block the event loop until none is waiting.
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
