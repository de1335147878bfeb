import { performance } from 'node:perf_hooks'
import { clearTimeout, setTimeout } from 'node:timers'
import { DomainError } from '@mgx/contract'

/** Callers get a response within ten seconds; two of them are left for a busy process. */
const CALL_MILLISECONDS = 8_000

/** Returns the deadline of a call that begins now, in milliseconds of `performance.now()`. */
export function newDeadline(): number {
  return performance.now() + CALL_MILLISECONDS
}

/** @throws DomainError `unavailable` once a deadline has passed, because the caller has stopped waiting. */
export function requireTimeLeft(deadline: number): void {
  if (performance.now() >= deadline) throw tooLate()
}

/**
 * Returns the result of a call's work. Work that exceeds the time limit continues in the background.
 * @throws DomainError `unavailable` when the work exceeds the time limit.
 */
export function inTime<Result>(work: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    // A fixed duration, because Node keeps timers of equal duration in one list, where each costs next to nothing.
    const timer = setTimeout(() => reject(tooLate()), CALL_MILLISECONDS)
    work().then(
      (result) => {
        clearTimeout(timer)
        resolve(result)
      },
      (error) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}

function tooLate(): DomainError {
  return new DomainError('unavailable', 'the call took too long and may have taken effect: check before you repeat it')
}
