import type {
  ApiKey,
  CreateUserInput,
  Identity,
  RotateApiKeyInput,
  Session,
  UpdateUserInput,
  User,
} from '@mgx/contract'
import {
  closeSession,
  extendSession,
  getSession,
  type Requester,
  removeIdentity,
  revokeApiKey,
  type Scope,
  type SessionToOpen,
  setUserActive,
  updateUser,
} from '@mgx/db'
import type { KeyHolder } from '../authority/actor.js'
import { type AccessToken, issueAccessToken, type TokenRefusal, type TokenRequest } from './access-token.js'
import { type Authenticate, type Authentication, createAuthentication } from './authenticate.js'
import { lookupsOf } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'
import { type AdminAccess, ensureAdmin } from './ensure-admin.js'
import { createUserWithKey, type Issuer, issueApiKey, type KeyToIssue, openSession, rotateKey } from './issue.js'
import { createSignIn, type SignIn } from './sign-in.js'
import { createSignInStates, type SignInStates } from './sign-in-state.js'
import { createSigningKeys, type SigningKeys } from './signing-keys.js'

/**
 * Issues API keys and session tokens, authenticates them, and ends them. What ends or changes a credential takes effect in
 * this process at once, and in other processes within 5 seconds: at once where they share state.
 */
export type Credentials = {
  readonly authenticate: Authenticate
  /** See {@link Authentication}. */
  readonly authenticateClient: Authentication['authenticateClient']
  /** See {@link Authentication}. */
  readonly attempt: Authentication['attempt']
  /** The `iss` of our access tokens. */
  readonly issuer: string
  /** The keys that sign our access tokens. */
  readonly signingKeys: SigningKeys
  /** See {@link issueAccessToken}. */
  issueToken(caller: KeyHolder, request: TokenRequest, requester: Requester): Promise<AccessToken | TokenRefusal>
  /** Opens and closes the sessions of people in browsers. */
  readonly signIn: SignIn
  /** Seals what a browser keeps while a person signs in at another provider. */
  readonly signInStates: SignInStates
  /** See {@link createUserWithKey}. */
  createUser(user: CreateUserInput, issuer: Issuer): Promise<{ user: User; apiKey: string | null }>
  /** See {@link issueApiKey}. */
  issueKey(user: User, key: KeyToIssue, issuer: Issuer): Promise<{ apiKey: ApiKey; key: string }>
  /** See {@link rotateKey}. */
  rotateKey(scope: Scope, rotation: RotateApiKeyInput, issuer: Issuer): Promise<{ apiKey: ApiKey; key: string }>
  /** See {@link revokeApiKey}. */
  revokeKey(scope: Scope, id: number, requester: Requester): Promise<ApiKey>
  /** See {@link removeIdentity}. */
  removeIdentity(scope: Scope, id: number, requester: Requester): Promise<Identity>
  /** See {@link updateUser}. */
  updateUser(scope: Scope, input: UpdateUserInput, requester: Requester): Promise<User>
  /** See {@link setUserActive}. */
  setUserActive(scope: Scope, change: { id: number; active: boolean }, requester: Requester): Promise<User>
  /** See {@link ensureAdmin}. */
  ensureAdmin(apiKey?: string): Promise<AdminAccess>
  /** See {@link openSession}. */
  openSession(
    userId: number,
    session: SessionToOpen,
    requester: Requester,
  ): Promise<{ session: Session; token: string }>
  /** Returns the session of a token. @throws DomainError `not_found`. */
  findSession(scope: Scope, token: string): Promise<Session>
  /** See {@link extendSession}. */
  extendSession(scope: Scope, change: { id: number; ttlSeconds: number }, requester: Requester): Promise<Session>
  /** See {@link closeSession}. */
  closeSession(scope: Scope, id: number, requester: Requester): Promise<Session>
}

export function createCredentials(parts: CredentialParts): Credentials {
  const { db, secrets, issuer } = parts
  const tokens = { issuer, keys: createSigningKeys(parts) }
  const { authenticate, authenticateClient, recheck, attempt } = createAuthentication(parts, tokens)
  /** Only after a success, and only the credentials of the user, so that no caller makes those of others be read again. */
  async function thenRecheck<Changed>(change: Promise<Changed>, userIdOf: (changed: Changed) => number) {
    const changed = await change
    recheck(userIdOf(changed))
    return changed
  }
  const owner = ({ userId }: { userId: number }) => userId
  const self = ({ id }: User) => id
  return {
    authenticate,
    authenticateClient,
    attempt,
    issuer,
    signingKeys: tokens.keys,
    issueToken: (caller, request, requester) => issueAccessToken(parts, tokens, caller, request, requester),
    signIn: createSignIn(parts, authenticate, recheck),
    signInStates: createSignInStates(db, secrets),
    createUser: (user, issuer) => createUserWithKey(parts, user, issuer),
    issueKey: (user, key, issuer) => issueApiKey(parts, user, key, issuer),
    rotateKey: (scope, rotation, issuer) =>
      thenRecheck(rotateKey(parts, scope, rotation, issuer), ({ apiKey }) => apiKey.userId),
    revokeKey: (scope, id, requester) => thenRecheck(revokeApiKey(db, scope, id, requester), owner),
    removeIdentity: (scope, id, requester) => thenRecheck(removeIdentity(db, scope, id, requester), owner),
    updateUser(scope, input, requester) {
      const updated = updateUser(db, scope, input, requester)
      return input.role === undefined ? updated : thenRecheck(updated, self)
    },
    setUserActive: (scope, change, requester) => thenRecheck(setUserActive(db, scope, change, requester), self),
    ensureAdmin: (apiKey) => ensureAdmin(parts, apiKey),
    openSession: (userId, session, requester) => openSession(parts, userId, session, requester),
    findSession: (scope, token) => getSession(db, scope, { tokenLookups: lookupsOf(secrets, token) }),
    extendSession: (scope, change, requester) => thenRecheck(extendSession(db, scope, change, requester), owner),
    closeSession: (scope, id, requester) => thenRecheck(closeSession(db, scope, id, requester), owner),
  }
}
