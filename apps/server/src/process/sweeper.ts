import type { Services } from '@mgx/api'
import type { FastifyBaseLogger } from 'fastify'

const PAUSE_MILLISECONDS = 2_000

/** The running sweeper. `stop` resolves once no sweep is running and none will start. */
export type Sweeper = { stop(): Promise<void> }

/**
 * Starts expiring due holds every two seconds, a group at a time until none is due. A failure is logged once, until a
 * sweep succeeds again. All servers on one database may sweep, because the ledger locks the holds that it expires.
 */
export function startSweeper({ services, log }: { services: Services; log: FastifyBaseLogger }): Sweeper {
  let isStopped = false
  let isFailing = false
  let timer: NodeJS.Timeout
  let running = Promise.resolve()

  async function sweep(): Promise<void> {
    try {
      // A group at a time, so that other calls run in between and a shutdown does not wait for a backlog.
      while (!isStopped && (await services.ledger.expireDue()) > 0);
      if (isFailing) log.info('holds are swept again')
      isFailing = false
    } catch (error) {
      if (!isFailing) log.error({ err: error }, 'holds cannot be swept')
      isFailing = true
    }
    if (!isStopped) wait()
  }

  function wait(): void {
    timer = setTimeout(() => {
      running = sweep()
    }, PAUSE_MILLISECONDS)
    timer.unref()
  }

  wait()
  return {
    stop() {
      isStopped = true
      clearTimeout(timer)
      return running
    },
  }
}
