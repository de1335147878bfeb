import type { CallSignal } from '../options.js'

/** The longest delay of a timer; with a longer one it fires immediately. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Tells the work to stop, like an AbortSignal, which costs several times as much as the rest of a call. */
export interface Stop {
  isGiven: boolean
  /** Called once when the work is to stop; set by the work. */
  onGiven?: () => void
}

/**
 * Runs the work until the signal is aborted or the time is up; it then rejects immediately, with the signal's reason or the
 * error that `timeUp` returns, and tells the work to stop.
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
