import type { ApiKey, CreateUserInput, Session, User } from '@mgx/contract'
import { createSession, getSession, type NewApiKey, type NewSession, type Scope } from '@mgx/db'
import type { Knex } from 'knex'
import { type Authenticate, createAuthenticate } from './authenticate.js'
import { lookupOf, newSessionToken } from './credential-format.js'
import { type AdminAccess, createUserWithKey, ensureAdmin, issueApiKey } from './issue.js'
import type { KeyProofs } from './key-proofs.js'

/** What credentials are made from and read with: the secret leaves here. */
export type CredentialParts = {
  readonly db: Knex
  /** The secret of the servers of this database, at least 32 characters. */
  readonly secret: string
  readonly proofs: KeyProofs
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number
}

/** Makes API keys and session tokens, and tells who bears one. */
export type Credentials = {
  readonly authenticate: Authenticate
  /** To be called when keys or roles were changed, so that the change holds in this process at once. */
  recheck(): void
  /** See {@link createUserWithKey}. */
  createUser(user: CreateUserInput, callerId?: number): Promise<{ user: User; apiKey: string | null }>
  /** See {@link issueApiKey}. */
  issueKey(callerId: number, key: KeyToIssue, replacedId?: number): Promise<{ apiKey: ApiKey; key: string }>
  /** See {@link ensureAdmin}. */
  ensureAdmin(apiKey?: string): Promise<AdminAccess>
  /** Opens a session; its token is returned here only. */
  openSession(session: Omit<NewSession, 'tokenLookup'>): Promise<{ session: Session; token: string }>
  /** The session of a token. @throws DomainError `not_found`. */
  findSession(scope: Scope, token: string): Promise<Session>
}

type KeyToIssue = Pick<NewApiKey, 'userId' | 'name' | 'scopes' | 'expiresAt'>

export function createCredentials(parts: CredentialParts): Credentials {
  const { db, secret } = parts
  const { authenticate, recheck } = createAuthenticate(parts)
  return {
    authenticate,
    recheck,
    createUser: (user, callerId) => createUserWithKey(parts, user, callerId),
    async issueKey(callerId, key, replacedId) {
      const issued = await issueApiKey(parts, callerId, key, replacedId)
      if (replacedId !== undefined) recheck()
      return issued
    },
    ensureAdmin: (apiKey) => ensureAdmin(parts, apiKey),
    async openSession(session) {
      const token = newSessionToken()
      return { session: await createSession(db, { ...session, tokenLookup: lookupOf(secret, token) }), token }
    },
    findSession: (scope, token) => getSession(db, scope, { tokenLookup: lookupOf(secret, token) }),
  }
}
