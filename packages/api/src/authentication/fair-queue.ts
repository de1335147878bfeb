import { DomainError, rateLimited } from '@mgx/contract'
import { createTurns } from '@mgx/db'
import { newDeadline, requireTimeLeft } from '../deadline.js'

export type FairQueue<Job, Result> = {
  /**
   * Runs a job when the turn of its user comes; without a user, it is a job of the process itself.
   * @throws DomainError `rate_limited` when too many jobs of this user are waiting; `unavailable` when too many are
   *   waiting in total, or when the turn comes after the deadline of the call.
   */
  run(job: Job, userId: number | undefined): Promise<Result>
}

/**
 * Runs jobs one at a time, with users taking turns: however many jobs one user queues, another waits for at most one
 * job of each user before its own. At most `maxWaiting` jobs wait in total, and `maxWaitingPerUser` per user.
 */
export function fairQueue<Job, Result>(
  work: (job: Job) => Promise<Result>,
  { maxWaiting, maxWaitingPerUser }: { maxWaiting: number; maxWaitingPerUser: number },
): FairQueue<Job, Result> {
  const waiting = createTurns<() => Promise<void>>()
  let isRunning = false

  async function runAll(): Promise<void> {
    isRunning = true
    for (let job = waiting.take(); job; job = waiting.take()) await job()
    isRunning = false
  }

  return {
    run(job, userId) {
      if (waiting.countOf(userId) >= maxWaitingPerUser) {
        return Promise.reject(rateLimited('too many of your API keys are being created or verified: wait a moment'))
      }
      if (waiting.size >= maxWaiting)
        return Promise.reject(new DomainError('unavailable', 'too many API keys are being verified'))
      const deadline = newDeadline()
      return new Promise((resolve, reject) => {
        waiting.add(userId, async () => {
          try {
            requireTimeLeft(deadline)
            resolve(await work(job))
          } catch (error) {
            reject(error)
          }
        })
        if (!isRunning) void runAll()
      })
    },
  }
}
