import type { CallSignal } from '../options.js'

/** The most that a timer can wait; it would go off at once for more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Tells a piece of work that nobody waits for it any more. An AbortSignal costs several times what the rest of a call does. */
export interface Stop {
  isGiven: boolean
  /** Hears of it, once; set by the work. */
  onGiven?: () => void
}

/**
 * Does the work, until the caller's signal is given or the time is up. It then throws at once, the reason of the signal
 * or what `timeUp` makes, and the work is told to stop.
 */
export function withinTime<Answer>(
  work: (stop: Stop) => Promise<Answer>,
  { signal, milliseconds, timeUp }: { signal: CallSignal | undefined; milliseconds: number; timeUp: () => unknown },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop: Stop = { isGiven: false }
    const giveUp = (reason: unknown) => {
      fail(reason)
      stop.isGiven = true
      stop.onGiven?.()
    }
    const onAbort = () => giveUp(signal?.reason)
    const timer = milliseconds <= LONGEST_TIMER_MS ? setTimeout(() => giveUp(timeUp()), milliseconds) : undefined
    signal?.addEventListener('abort', onAbort)
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (error: unknown) => {
      end()
      reject(error)
    }
    work(stop).then((answer) => {
      end()
      resolve(answer)
    }, fail)
  })
}
