import type { CallSignal } from './call-options.js'
import { ConnectionError, UnavailableError } from './errors.js'

export const RETRIES = 2
const FIRST_WAIT_MS = 200

/**
 * Tries again, at most twice, while no answer comes or the server is unavailable. The wait doubles and is chosen at
 * random below it, so that clients which failed together do not come back together.
 */
export async function withRetries<Answer>(
  attempt: () => Promise<Answer>,
  signal: CallSignal | undefined,
): Promise<Answer> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isPassing(error) || tried === RETRIES) throw error
    }
    await pause(Math.random() * FIRST_WAIT_MS * 2 ** tried, signal)
  }
}

/** Whether the same call may work a moment later. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ConnectionError || error instanceof UnavailableError

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
