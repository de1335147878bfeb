import { ReservationClosedError } from '../errors.js'

/** Keeps a hold from expiring. */
export interface Extension {
  /** From now on the hold is extended by that many seconds. */
  by(ttlSeconds: number): void
  stop(): void
}

/** A try that failed is made again after this part of the time to live: there are three before the hold expires. */
const AGAIN_AFTER = 1 / 8

/**
 * Extends a hold by `ttlSeconds` whenever half of them have passed, until it is stopped or the hold is closed. Its timer
 * keeps no process alive.
 */
export function keepExtended(extend: (ttlSeconds: number) => Promise<unknown>, ttlSeconds: number): Extension {
  let seconds = ttlSeconds
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function schedule(part: number): void {
    clearTimeout(timer)
    if (stopped) return
    timer = setTimeout(() => void extendOnce(), part * seconds * 1_000)
    // Browsers have numbers for timers, which hold nothing alive.
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
