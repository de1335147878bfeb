import { DomainError } from '@mgx/contract'
import { newDeadline, requireTimeLeft } from '../deadline.js'

/** Who asks: the id of a user, or undefined for the process itself. */
type Caller = number | undefined

export type FairQueue<Job, Result> = {
  /**
   * Does a job when its turn comes.
   * @throws DomainError `rate_limited` when `atMost` jobs of this caller wait already; `unavailable` when too many wait in
   *   all, or when the turn comes too late for the call.
   */
  run(job: Job, caller: Caller, atMost: number): Promise<Result>
}

const RETRY_AFTER_SECONDS = 1

/**
 * Work that is done one job at a time, in which callers take turns: however much one of them asks for, another waits for
 * one job of each before its own. At most `maxWaiting` jobs wait in all.
 */
export function fairQueue<Job, Result>(
  work: (job: Job) => Promise<Result>,
  maxWaiting: number,
): FairQueue<Job, Result> {
  const waiting = new Map<Caller, (() => Promise<void>)[]>()
  let waitingJobs = 0
  let isRunning = false

  async function runAll(): Promise<void> {
    isRunning = true
    // Whoever has more jobs goes to the end of the map, which the loop then comes to.
    for (const [caller, [first, ...others]] of waiting) {
      waiting.delete(caller)
      if (others.length > 0) waiting.set(caller, others)
      waitingJobs -= 1
      await first?.()
    }
    isRunning = false
  }

  return {
    run(job, caller, atMost) {
      const jobs = waiting.get(caller) ?? []
      if (jobs.length >= atMost) return Promise.reject(tooMany())
      if (waitingJobs >= maxWaiting)
        return Promise.reject(new DomainError('unavailable', 'too many keys are being proven'))
      const deadline = newDeadline()
      return new Promise((resolve, reject) => {
        jobs.push(async () => {
          try {
            requireTimeLeft(deadline)
            resolve(await work(job))
          } catch (error) {
            reject(error)
          }
        })
        waiting.set(caller, jobs)
        waitingJobs += 1
        if (!isRunning) void runAll()
      })
    },
  }
}

function tooMany(): DomainError {
  const details = { retryAfterSeconds: RETRY_AFTER_SECONDS }
  return new DomainError('rate_limited', 'too many API keys of yours are being made or proven: wait a moment', details)
}
