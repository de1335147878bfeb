import type { CallSignal } from './call-options.js'

/** The most that a timer can wait; it would go off at once for more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Does the work, until the caller's signal is given or the time is up. It then throws at once, the reason of the signal
 * or what `timeUp` makes, and the signal that the work was given tells it to stop.
 */
export async function withinTime<Answer>(
  work: (signal: CallSignal) => Promise<Answer>,
  { signal, milliseconds, timeUp }: { signal: CallSignal | undefined; milliseconds: number; timeUp: () => unknown },
): Promise<Answer> {
  if (signal?.aborted) throw signal.reason
  const inner = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let onAbort: (() => void) | undefined
  const stopped = new Promise<never>((_, reject) => {
    const stop = (reason: unknown) => {
      reject(reason)
      inner.abort(reason)
    }
    onAbort = () => stop(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    if (milliseconds <= LONGEST_TIMER_MS) timer = setTimeout(() => stop(timeUp()), milliseconds)
  })
  try {
    return await Promise.race([work(inner.signal), stopped])
  } finally {
    clearTimeout(timer)
    if (onAbort) signal?.removeEventListener('abort', onAbort)
  }
}
