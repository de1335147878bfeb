import type { Logger } from 'pino'
import type { Front } from '../http/front.js'

/** Longer than any call, which has a deadline of its own, and shorter than orchestrators wait. */
const DEADLINE_MILLISECONDS = 10_000
/** Ctrl-C under npm arrives twice: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MILLISECONDS = 1_000

type Parts = {
  front: Front
  log: Logger
  /** How long calls are accepted after the signal. */
  drainSeconds: number
  /** Stops what runs behind the HTTP server, as far as it has been started. */
  finish(): Promise<void>
}

/**
 * Ends the process on SIGTERM or SIGINT, also during the start: is not ready at once but answers calls for `drainSeconds`, then
 * stops listening, finishes requests in flight, closes the database and exits with 0, or with 1 when that takes longer than ten
 * seconds. A second signal ends it at once, with 1.
 */
export function shutDownOnSignals(parts: Parts): void {
  let firstAt: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = performance.now()
      void shutDown(signal, parts)
    } else if (performance.now() - firstAt > SAME_SIGNAL_MILLISECONDS) {
      parts.log.warn('ending at once: signalled again')
      process.exit(1)
    }
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

async function shutDown(signal: NodeJS.Signals, { front, log, drainSeconds, finish }: Parts): Promise<void> {
  log.info({ signal, drainSeconds }, 'shutting down')
  await front.drain(drainSeconds)
  setTimeout(() => {
    log.error('ending with requests in flight: they took too long')
    process.exit(1)
  }, DEADLINE_MILLISECONDS)
  try {
    await front.close()
    await finish()
    log.info('shut down')
    process.exit(0)
  } catch (error) {
    log.error({ err: error }, 'shutting down failed')
    process.exit(1)
  }
}
