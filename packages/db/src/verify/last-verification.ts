import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import type { Found } from './verify.js'

/** A process that is verifying renews its claim more often than this; that of a killed one ends by itself. */
export const CLAIM_SECONDS = 30

/** The one row about verifications. Instants are ISO-8601 UTC, by the database's clock. */
type Row = {
  verifiedAt: string | null
  /** How many drifts were found, as far as they are listed. */
  drifts: number
  claimedBy: string | null
  claimedUntil: string | null
}

const table = (db: Knex) => db<Row>('ledgerVerifications')

/** Claims the next verification, unless the last one is not that old yet or another claim holds. Returns whether it did. */
export async function claimVerification(db: Knex, claim: string, everySeconds: number): Promise<boolean> {
  const { later, now } = dialectOf(db)
  const isOld = (row: Knex.QueryBuilder) =>
    row.whereNull('verifiedAt').orWhere('verifiedAt', '<=', db.raw(later, [-everySeconds]))
  const isFree = (row: Knex.QueryBuilder) => row.whereNull('claimedUntil').orWhere('claimedUntil', '<=', db.raw(now))
  const claimed = await table(db)
    .where(isOld)
    .where(isFree)
    .update({ claimedBy: claim, claimedUntil: db.raw(later, [CLAIM_SECONDS]) })
  return claimed > 0
}

/** Makes a claim hold longer, unless another process has taken over. */
export async function keepClaim(db: Knex, claim: string): Promise<void> {
  await table(db)
    .where({ claimedBy: claim })
    .update({ claimedUntil: db.raw(dialectOf(db).later, [CLAIM_SECONDS]) })
}

/**
 * Records a result and ends the claim under which it was found; one without a claim leaves that of another process alone.
 * Returns false, and records nothing, when another process has taken over.
 */
export async function recordVerification(db: Knex, { verifiedAt, drifts }: Found, claim?: string): Promise<boolean> {
  const result = { verifiedAt, drifts: drifts.length }
  const recorded =
    claim === undefined
      ? await table(db).update(result)
      : await table(db)
          .where({ claimedBy: claim })
          .update({ ...result, claimedBy: null, claimedUntil: null })
  return recorded > 0
}
