import { clearTimeout, setTimeout } from 'node:timers'

/** Wakes those who wait. A ring that nobody waited for is not lost on whoever counted before it. */
export type Bell = {
  ring(): void
  /** How often it rang. */
  rings(): number
  /** Resolves at the first ring after `counted` of them, at the latest after these milliseconds, or when aborted. */
  next(counted: number, milliseconds: number, signal?: AbortSignal): Promise<void>
}

export function createBell(): Bell {
  const waiting = new Set<() => void>()
  let rings = 0
  return {
    ring() {
      rings += 1
      for (const wake of [...waiting]) wake()
    },
    rings: () => rings,
    next(counted, milliseconds, signal) {
      if (rings !== counted || signal?.aborted) return Promise.resolve()
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
