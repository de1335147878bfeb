import { performance } from 'node:perf_hooks'
import { clearTimeout, setTimeout } from 'node:timers'
import { DomainError } from '@mgx/contract'

/** A call is answered within ten seconds of its arrival; two are for a process that has much else to do. */
const CALL_MILLISECONDS = 8_000

/** When a call that begins now must be answered, in milliseconds as `performance.now()` tells them. */
export function newDeadline(): number {
  return performance.now() + CALL_MILLISECONDS
}

/** @throws DomainError `unavailable` once a deadline has passed: nobody waits for what would begin now. */
export function requireTimeLeft(deadline: number): void {
  if (performance.now() >= deadline) throw tooLate()
}

/**
 * Answers as the work of a call does. Work that takes longer than a call may is left to itself.
 * @throws DomainError `unavailable` then.
 */
export function inTime<Result>(work: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    // Always as long from now, for Node keeps timers of one length in one list, where each costs next to nothing.
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
  return new DomainError('unavailable', 'this took too long: whether it was done shows when it is asked for again')
}
