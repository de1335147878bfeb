import { ReservationClosedError } from '../errors.js'

/** Keeps a hold from expiring until it is stopped. */
export interface Extension {
  /** Changes the number of seconds by which the hold is extended from now on. */
  by(ttlSeconds: number): void
  stop(): void
}

/** A failed extension is retried after this fraction of the time to live, so there are three more before the hold expires. */
const AGAIN_AFTER = 1 / 8

/**
 * Extends a hold by `ttlSeconds` each time half of that has passed, until it is stopped or the hold is closed. The timer
 * does not keep the process alive.
 */
export function keepExtended(extend: (ttlSeconds: number) => Promise<unknown>, ttlSeconds: number): Extension {
  let seconds = ttlSeconds
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function schedule(part: number): void {
    clearTimeout(timer)
    if (stopped) return
    timer = setTimeout(() => void extendOnce(), part * seconds * 1_000)
    // In browsers a timer is a number, without `unref`.
    timer.unref?.()
  }

  async function extendOnce(): Promise<void> {
    try {
      await extend(seconds)
      schedule(1 / 2)
    } catch (error) {
      if (!(error instanceof ReservationClosedError)) schedule(AGAIN_AFTER)
    }
  }

  schedule(1 / 2)
  return {
    by(newSeconds) {
      seconds = newSeconds
      schedule(1 / 2)
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
