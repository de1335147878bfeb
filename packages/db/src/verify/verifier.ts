import type { Verification } from '@mgx/contract'
import type { Knex } from 'knex'
import { verifyLedger } from './verify.js'

/** The self-audit of a process: one at a time, whoever asks, and its last result for monitoring. */
export type Verifier = {
  /** Verifies the books; who asks while it is under way gets the same result. @throws DomainError `unavailable`. */
  run(): Promise<Verification>
  /** What the last run of this process found; undefined before the first one. */
  last(): Verification | undefined
}

/** How many drifts one answer lists. */
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
