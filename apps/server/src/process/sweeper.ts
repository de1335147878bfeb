import type { Services } from '@mgx/api'
import type { FastifyBaseLogger } from 'fastify'

const PAUSE_MILLISECONDS = 2_000

/** Expires what nobody asks for any more; `stop` resolves when no sweep is under way and none will come. */
export type Sweeper = { stop(): Promise<void> }

/**
 * Expires due holds every two seconds, from now until it is stopped: some at a time until none is due. A failure is
 * logged, once until it passes, and the next sweep tries again. Servers on one database may all sweep: the ledger locks
 * what it expires.
 */
export function startSweeper({ services, log }: { services: Services; log: FastifyBaseLogger }): Sweeper {
  let isStopped = false
  let isFailing = false
  let timer: NodeJS.Timeout
  let running = Promise.resolve()

  async function sweep(): Promise<void> {
    try {
      // Some at a time, so that other calls come in between and a shutdown need not wait for a backlog.
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
