import { DomainError, rateLimited } from '@mgx/contract'
import { createTurns } from '@mgx/db'
import { newDeadline, requireTimeLeft } from '../deadline.js'

export type FairQueue<Job, Result> = {
  /**
   * Does a job when its turn comes: of a user, or, without one, of the process itself.
   * @throws DomainError `rate_limited` when too many jobs of this user wait already; `unavailable` when too many wait in
   *   all, or when the turn comes too late for the call.
   */
  run(job: Job, userId: number | undefined): Promise<Result>
}

/**
 * Work that is done one job at a time, in which users take turns: however much one of them asks for, another waits for
 * one job of each before its own. At most `maxWaiting` jobs wait, and `maxWaitingPerUser` of one user.
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
        return Promise.reject(rateLimited('too many API keys of yours are being made or proven: wait a moment'))
      }
      if (waiting.size >= maxWaiting)
        return Promise.reject(new DomainError('unavailable', 'too many keys are being proven'))
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
