import { ConnectionError, MgxError, TimeoutError } from '../errors.js'
import type { CallSignal } from '../options.js'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 10_000
/** A call does not wait for a server that asks for more, and a stream waits no longer. */
export const LONGEST_ASKED_MS = 60_000
/** The answers after which the same call may work a moment later. */
const PASSING = new Set([408, 429, 502, 503, 504])

/** How a call is tried again. `onRetry` hears why and after how many milliseconds. */
export type Retrying = {
  maxRetries: number
  deadlineMs: number
  signal: CallSignal | undefined
  onRetry: (error: unknown, waitMs: number) => void
}

/**
 * Tries, and tries again while that may help and there is time for the wait; `attempt` is told how many milliseconds are
 * left of the deadline.
 * @throws the error of the last try; the reason of the signal when that is given.
 */
export async function withRetries<Answer>(
  attempt: (leftMs: number) => Promise<Answer>,
  { maxRetries, deadlineMs, signal, onRetry }: Retrying,
): Promise<Answer> {
  const begin = performance.now()
  const left = () => deadlineMs - (performance.now() - begin)
  for (let tried = 0; ; tried++) {
    let waitMs: number
    try {
      return await attempt(left())
    } catch (error) {
      waitMs = waitBefore(tried, error)
      if (tried >= maxRetries || !isPassing(error) || waitMs > LONGEST_ASKED_MS || waitMs >= left()) throw error
      onRetry(error, waitMs)
    }
    await pause(waitMs, signal)
  }
}

/** Whether the same call may work a moment later. A budget that is exceeded does not pass by itself. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return true
  return error instanceof MgxError && (error.reason === 'unavailable' || PASSING.has(error.status ?? 0))
}

/**
 * Milliseconds before another try: chosen at random below a bound that doubles, so that clients which failed together do
 * not come back together, and added to what the server asked for.
 */
export function waitBefore(tried: number, error: unknown): number {
  const asked = error instanceof MgxError ? error.details.retryAfterSeconds : 0
  const jitter = Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tried)
  return (typeof asked === 'number' ? asked * 1_000 : 0) + jitter
}

/** Seconds from now that a `Retry-After` asks for, as a number or a date; undefined when it says nothing one can read. */
export function retryAfterSeconds(header: string | null): number | undefined {
  if (header === null) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1_000))
}

/** @throws the reason of the signal when that is given. */
export async function pause(milliseconds: number, signal: CallSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
  })
  if (signal?.aborted) throw signal.reason
}
