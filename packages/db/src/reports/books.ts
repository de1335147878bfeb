import type { LastVerification } from '@mgx/contract'
import type { Knex } from 'knex'

/** Returns what the last verification found, by whichever server. */
export async function lastVerification(db: Knex): Promise<LastVerification> {
  return db('ledger_verifications').first('verifiedAt', 'drifts')
}
