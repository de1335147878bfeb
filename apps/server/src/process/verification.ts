import type { Services } from '@mgx/api'
import type { FastifyBaseLogger } from 'fastify'

/** A server of the same database that dies while it verifies is replaced after this and the time of its claim. */
const MOST_PAUSE_SECONDS = 10
/** The most drifts that one log line names. */
const MOST_NAMED = 20

/** The running schedule. `stop` ends a verification that is running, and resolves once none is and none will begin. */
export type VerificationSchedule = { stop(): Promise<void> }

type Options = { services: Services; log: FastifyBaseLogger; everySeconds: number }

/**
 * Starts verifying the ledger once in every `everySeconds` seconds. The servers of a database do so together: each looks
 * whether a verification is due, and one of them runs it. Drifts are logged as an error. A failure is logged once, until a
 * verification succeeds again.
 */
export function scheduleVerification({ services, log, everySeconds }: Options): VerificationSchedule {
  const stopping = new AbortController()
  const { signal } = stopping
  let isFailing = false
  let timer: NodeJS.Timeout
  let running = Promise.resolve()

  async function verifyIfDue(): Promise<void> {
    try {
      const found = await services.verifier.runIfDue(everySeconds, signal)
      if (found && isFailing) log.info('the ledger is verified again')
      if (found) isFailing = false
      if (found?.drifts.length) {
        const { drifts, hasMore } = found
        const named = drifts.slice(0, MOST_NAMED).map(({ what }) => what)
        log.error({ drifts: named, count: drifts.length, hasMore }, 'the ledger has drifted: run system.verify')
      }
    } catch (error) {
      if (!isFailing) log.error({ err: error }, 'the ledger cannot be verified')
      isFailing = true
    }
    if (!signal.aborted) wait()
  }

  function wait(): void {
    timer = setTimeout(() => {
      running = verifyIfDue()
    }, Math.min(everySeconds, MOST_PAUSE_SECONDS) * 1_000)
    timer.unref()
  }

  wait()
  return {
    stop() {
      stopping.abort()
      clearTimeout(timer)
      return running
    },
  }
}
