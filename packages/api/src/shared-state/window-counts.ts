import { performance } from 'node:perf_hooks'
import { type Count, WINDOW_SECONDS } from './shared-state.js'

const WINDOW_MILLISECONDS = WINDOW_SECONDS * 1_000

/** Counts of this process, by key and window. */
export type WindowCounts = {
  add(key: string): Count
  known(key: string): Count
  /** Replaces a count by one that another process counted too. */
  learn(key: string, count: Count): void
}

/**
 * Counts in memory. Nothing is awaited, so callers can decide on a count and act before it changes. `now` is a
 * monotonic clock, in milliseconds.
 */
export function countWindows(now = () => performance.now()): WindowCounts {
  /** In the order in which the windows began. */
  const windows = new Map<string, { count: number; end: number }>()

  function forgetEnded(): void {
    for (const [key, { end }] of windows) {
      if (end > now()) return
      windows.delete(key)
    }
  }

  function known(key: string): Count {
    const window = windows.get(key)
    if (!window || window.end <= now()) return { count: 0, endsInMilliseconds: WINDOW_MILLISECONDS }
    return { count: window.count, endsInMilliseconds: window.end - now() }
  }

  function learn(key: string, { count, endsInMilliseconds }: Count): void {
    const window = windows.get(key)
    if (window && window.end <= now()) windows.delete(key)
    windows.set(key, { count, end: now() + endsInMilliseconds })
    forgetEnded()
  }

  return {
    known,
    learn,
    add(key) {
      const { count, endsInMilliseconds } = known(key)
      const added = { count: count + 1, endsInMilliseconds }
      learn(key, added)
      return added
    },
  }
}
