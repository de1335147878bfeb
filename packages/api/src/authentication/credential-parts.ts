import type { Knex } from 'knex'

/** What is kept of an API key to know it again, and cannot be turned back into it. */
export type KeyProofs = {
  /** Makes the proof of an API key for a user, or, without one, for the process itself. */
  make(apiKey: string, userId: number | undefined): Promise<string>
  /** Whether a proof is one of this API key, which a user's call bears. */
  check(proof: string, apiKey: string, userId: number): Promise<boolean>
}

/** What credentials are made from and read with: the secret leaves here. */
export type CredentialParts = {
  readonly db: Knex
  /** The secret of the servers of this database, at least 32 characters. */
  readonly secret: string
  readonly proofs: KeyProofs
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
}
