import type { ApiKey, CreateUserInput, Session, UpdateUserInput, User } from '@mgx/contract'
import { createSession, getSession, type NewSession, revokeApiKey, type Scope, updateUser } from '@mgx/db'
import { type Authenticate, createAuthenticate } from './authenticate.js'
import { lookupOf, newSessionToken } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'
import {
  type AdminAccess,
  createUserWithKey,
  ensureAdmin,
  issueApiKey,
  type KeyToIssue,
  rotateApiKey,
} from './issue.js'

/** Issues API keys and session tokens, and authenticates them. */
export type Credentials = {
  readonly authenticate: Authenticate
  /** See {@link createUserWithKey}. */
  createUser(user: CreateUserInput, callerId?: number): Promise<{ user: User; apiKey: string | null }>
  /** See {@link issueApiKey}. */
  issueKey(callerId: number, userId: number, key: KeyToIssue): Promise<{ apiKey: ApiKey; key: string }>
  /** See {@link rotateApiKey}. */
  rotateKey(callerId: number, scope: Scope, replaced: ApiKey): Promise<{ apiKey: ApiKey; key: string }>
  /** See {@link revokeApiKey}. It takes effect in this process at once, as `rotateKey` and `updateUser` do. */
  revokeKey(scope: Scope, id: number): Promise<ApiKey>
  /** See {@link updateUser}. */
  updateUser(scope: Scope, input: UpdateUserInput): Promise<User>
  /** See {@link ensureAdmin}. */
  ensureAdmin(apiKey?: string): Promise<AdminAccess>
  /** Creates a session. Its token is returned only here. */
  openSession(userId: number, session: Omit<NewSession, 'tokenLookup'>): Promise<{ session: Session; token: string }>
  /** Returns the session of a token. @throws DomainError `not_found`. */
  findSession(scope: Scope, token: string): Promise<Session>
}

export function createCredentials(parts: CredentialParts): Credentials {
  const { db, secret } = parts
  const { authenticate, recheck } = createAuthenticate(parts)
  /** Only after a success: refused changes must not make every other caller's key be read again. */
  async function thenRecheck<Changed>(change: Promise<Changed>): Promise<Changed> {
    const changed = await change
    recheck()
    return changed
  }
  return {
    authenticate,
    createUser: (user, callerId) => createUserWithKey(parts, user, callerId),
    issueKey: (callerId, userId, key) => issueApiKey(parts, callerId, userId, key),
    rotateKey: (callerId, scope, replaced) => thenRecheck(rotateApiKey(parts, callerId, scope, replaced)),
    revokeKey: (scope, id) => thenRecheck(revokeApiKey(db, scope, id)),
    updateUser: (scope, input) =>
      input.role === undefined ? updateUser(db, scope, input) : thenRecheck(updateUser(db, scope, input)),
    ensureAdmin: (apiKey) => ensureAdmin(parts, apiKey),
    async openSession(userId, session) {
      const token = newSessionToken()
      return { session: await createSession(db, userId, { ...session, tokenLookup: lookupOf(secret, token) }), token }
    },
    findSession: (scope, token) => getSession(db, scope, { tokenLookup: lookupOf(secret, token) }),
  }
}
