import type { Knex } from 'knex'

/** Creates and checks the stored proofs of API keys. A key cannot be recovered from its proof. */
export type KeyProofs = {
  /** Returns a proof of an API key, on behalf of a user or, without one, of the process itself. */
  make(apiKey: string, userId: number | undefined): Promise<string>
  /** Whether a proof matches the API key of a user's call. */
  check(proof: string, apiKey: string, userId: number): Promise<boolean>
}

/** What credentials are issued and authenticated with; no other code sees the secret. */
export type CredentialParts = {
  readonly db: Knex
  /** The secret that all servers of this database share, at least 32 characters. */
  readonly secret: string
  readonly proofs: KeyProofs
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
}
