import type { Services } from '@mgx/api'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Life } from './phase.js'
import type { Sweeper } from './sweeper.js'
import { trackUnusedSockets } from './unused-sockets.js'

const DEADLINE_MILLISECONDS = 10_000
const UNUSED_SOCKETS_MILLISECONDS = 100
/** Ctrl-C under npm arrives twice: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MILLISECONDS = 1_000

type Parts = { http: FastifyInstance; services: Services; sweeper: Sweeper; life: Life; log: Logger }

/**
 * Ends the process on SIGTERM or SIGINT: stops listening, finishes what is in flight, closes the database, exits with 0;
 * with 1 when that takes longer than ten seconds. A second signal ends it at once.
 */
export function shutDownOnSignals(parts: Parts): void {
  const closeUnusedSockets = trackUnusedSockets(parts.http.server)
  let firstAt: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = performance.now()
      void shutDown(signal, parts, closeUnusedSockets)
    } else if (performance.now() - firstAt > SAME_SIGNAL_MILLISECONDS) {
      parts.log.warn('ending at once: signalled again')
      process.exit(1)
    }
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

async function shutDown(signal: NodeJS.Signals, parts: Parts, closeUnusedSockets: () => void): Promise<void> {
  const { http, services, sweeper, life, log } = parts
  log.info({ signal }, 'shutting down')
  setTimeout(() => {
    log.error('ending with requests in flight: they took too long')
    process.exit(1)
  }, DEADLINE_MILLISECONDS)
  try {
    life.phase = 'draining'
    setInterval(closeUnusedSockets, UNUSED_SOCKETS_MILLISECONDS)
    await http.close()
    await sweeper.stop()
    await services.ledger.drained()
    await services.db.destroy()
    log.info('shut down')
    process.exit(0)
  } catch (error) {
    log.error({ err: error }, 'shutting down failed')
    process.exit(1)
  }
}
