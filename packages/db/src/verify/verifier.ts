import type { Verification } from '@mgx/contract'
import type { Knex } from 'knex'
import { verifyLedger } from './verify.js'

/** Runs the self-audit, one at a time per process, and keeps the last result for monitoring. */
export type Verifier = {
  /** Verifies the books. Concurrent calls share one run and its result. @throws DomainError `unavailable`. */
  run(): Promise<Verification>
  /** Returns the result of this process's last run; undefined before the first. */
  last(): Verification | undefined
}

/** The most drifts that one result lists. */
const MAX_DRIFTS = 100

export function createVerifier(db: Knex): Verifier {
  let running: Promise<Verification> | undefined
  let latest: Verification | undefined
  async function verify(): Promise<Verification> {
    try {
      latest = await verifyLedger(db, { maxDrifts: MAX_DRIFTS })
      return latest
    } finally {
      running = undefined
    }
  }
  return {
    run() {
      running ??= verify()
      return running
    },
    last: () => latest,
  }
}
