import { randomUUID } from 'node:crypto'
import { clearInterval, setInterval } from 'node:timers'
import type { Verification } from '@mgx/contract'
import type { Knex } from 'knex'
import { CLAIM_SECONDS, claimVerification, keepClaim, recordVerification } from './last-verification.js'
import { type Found, verifyInPages, verifyLedger } from './verify.js'

/** Runs the self-audit, and records its result for all servers of the database. */
export type Verifier = {
  /**
   * Verifies the books in one snapshot, one at a time per process: concurrent calls share a run and its result.
   * @throws DomainError `unavailable`.
   */
  run(): Promise<Verification>
  /**
   * Verifies the books in pages, unless they were verified within this time or another process is doing so. Returns
   * undefined then, and when the signal is aborted.
   */
  runIfDue(everySeconds: number, signal: AbortSignal): Promise<Found | undefined>
}

/** The most drifts that one result lists. */
const MAX_DRIFTS = 100

export function createVerifier(db: Knex): Verifier {
  let running: Promise<Verification> | undefined

  async function verify(): Promise<Verification> {
    try {
      const verification = await verifyLedger(db, { maxDrifts: MAX_DRIFTS })
      // The caller asked for the result, which a database that takes no writes can give too.
      await recordVerification(db, verification).catch(() => undefined)
      return verification
    } finally {
      running = undefined
    }
  }

  async function verifyClaimed(claim: string, signal: AbortSignal): Promise<Found | undefined> {
    // A renewal that fails is made up for by the next one, or another process takes over.
    const renew = () => keepClaim(db, claim).catch(() => undefined)
    const timer = setInterval(renew, (CLAIM_SECONDS / 3) * 1_000).unref()
    try {
      const found = await verifyInPages(db, { maxDrifts: MAX_DRIFTS, signal })
      return (await recordVerification(db, found, claim)) ? found : undefined
    } catch (error) {
      if (signal.aborted) return undefined
      throw error
    } finally {
      clearInterval(timer)
    }
  }

  return {
    run() {
      running ??= verify()
      return running
    },
    async runIfDue(everySeconds, signal) {
      const claim = randomUUID()
      return (await claimVerification(db, claim, everySeconds)) ? verifyClaimed(claim, signal) : undefined
    },
  }
}
