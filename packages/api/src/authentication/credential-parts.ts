import type { Knex } from 'knex'
import type { AuthenticationFailure } from '../observer.js'
import type { SharedState } from '../shared-state/shared-state.js'
import type { AdminClaim } from './identity-claims.js'

/** Creates and checks the stored proofs of API keys. A key cannot be recovered from its proof. */
export type KeyProofs = {
  /** Returns a proof of an API key, on behalf of a user or, without one, of the process itself. */
  make(apiKey: string, userId: number | undefined): Promise<string>
  /** Whether a proof matches the API key of a user's call. */
  check(proof: string, apiKey: string, userId: number): Promise<boolean>
}

/** `current` writes; both look up, so that nothing is lost while servers move to a new secret. */
export type Secrets = { readonly current: string; readonly previous?: string | undefined }

/** The issuer whose tokens are accepted beside our own credentials. */
export type OidcTrust = {
  /** The `iss` of its tokens, exactly. */
  readonly issuer: string
  /** What the `aud` of its tokens must be or contain. */
  readonly audience: string
  /** Whether an account that is not linked to a user gets a new member. */
  readonly createUsers: boolean
  /** The claim that names admins; undefined when none does. */
  readonly admin: AdminClaim | undefined
}

/** What credentials are issued and authenticated with; no other code sees the secret. */
export type CredentialParts = {
  readonly db: Knex
  /** The secret that all servers of this database share, at least 32 characters, and the one before it. */
  readonly secrets: Secrets
  readonly proofs: KeyProofs
  /** The `iss` of our access tokens: the address of the servers of this database. */
  readonly issuer: string
  readonly oidc?: OidcTrust | undefined
  /** How many wrong credentials may come from one address within a minute. */
  readonly failuresPerMinute: number
  /** Told the address, or network of IPv6, from which a wrong credential came. */
  readonly onFailure: (source: string) => void
  /** Told once for each request that is refused as `unauthenticated`. */
  readonly onUnauthenticated: (failure: AuthenticationFailure) => void
  /** Counts wrong credentials, and tells other servers whose credentials have changed. */
  readonly sharedState: SharedState
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
}
