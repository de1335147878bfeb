import { clearTimeout, setTimeout } from 'node:timers'

/**
 * Counts events and wakes waiters. Read `count()` before checking state: an event in between makes `next` resolve at
 * once.
 */
export type EventCount = {
  advance(): void
  count(): number
  /** Resolves at the first event after `counted`, after these milliseconds at the latest, or when aborted. */
  next(counted: number, milliseconds: number, signal?: AbortSignal): Promise<void>
}

export function createEventCount(): EventCount {
  const waiting = new Set<() => void>()
  let events = 0
  return {
    advance() {
      events += 1
      for (const wake of [...waiting]) wake()
    },
    count: () => events,
    next(counted, milliseconds, signal) {
      if (events !== counted || signal?.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          waiting.delete(wake)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, milliseconds)
        waiting.add(wake)
        signal?.addEventListener('abort', wake)
      })
    },
  }
}
