import { ConnectionError, MgxError, TimeoutError } from '../errors.js'
import type { CallSignal } from '../options.js'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 10_000
/** A call fails rather than waiting longer than this for a `Retry-After`; a stream waits at most this long. */
export const LONGEST_ASKED_MS = 60_000
/** HTTP statuses after which the same call may succeed later. */
const PASSING = new Set([408, 429, 502, 503, 504])

/** Options of {@link withRetries}. `onRetry` is called before each wait with the error and the wait in milliseconds. */
export type Retrying = {
  maxRetries: number
  deadlineMs: number
  signal: CallSignal | undefined
  onRetry: (error: unknown, waitMs: number) => void
}

/**
 * Runs `attempt` and retries it after transient errors, as long as the wait fits in the deadline. `attempt` receives the
 * milliseconds left until the deadline.
 * @throws the error of the last attempt; the signal's reason when it is aborted.
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

/** Returns whether the error is transient. An exceeded budget is not, so it is never retried. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return true
  return error instanceof MgxError && (error.reason === 'unavailable' || PASSING.has(error.status ?? 0))
}

/**
 * Returns the milliseconds to wait before the next attempt: the server's `Retry-After` plus a random wait below a bound that
 * doubles with each attempt, so that clients that failed together do not return together.
 */
export function waitBefore(tried: number, error: unknown): number {
  const asked = error instanceof MgxError ? error.details.retryAfterSeconds : 0
  const jitter = Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tried)
  return (typeof asked === 'number' ? asked * 1_000 : 0) + jitter
}

/** Parses a `Retry-After` header, a number or a date, into seconds from now; returns undefined when it is malformed. */
export function retryAfterSeconds(header: string | null): number | undefined {
  if (header === null) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1_000))
}

/**
 * Waits this long, or until `sleeper.wake` is called, which this function sets.
 * @throws the signal's reason, immediately, when it is aborted.
 */
export async function pause(
  milliseconds: number,
  signal: CallSignal | undefined,
  sleeper: { wake?: () => void } = {},
): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    sleeper.wake = done
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
  })
  if (signal?.aborted) throw signal.reason
}
