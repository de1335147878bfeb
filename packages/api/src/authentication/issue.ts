import {
  type ApiKey,
  type CreateUserInput,
  invalidField,
  type RotateApiKeyInput,
  type Session,
  type User,
} from '@mgx/contract'
import {
  createApiKey,
  createSession,
  createUserWithApiKey,
  type NewApiKey,
  type Requester,
  readClock,
  rotateApiKey,
  type Scope,
  type SessionToOpen,
} from '@mgx/db'
import type { Knex } from 'knex'
import { scopeOfRole } from '../authority/scopes.js'
import { lookupOf, newApiKey, newSessionToken, requireUsableKey, shownPrefix } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'

/** Who issues a key: `userId` waits for its turn to prove it; it is undefined for the process itself. */
export type Issuer = { readonly userId?: number; readonly requester: Requester }

type StoredKey = Pick<NewApiKey, 'prefix' | 'lookup' | 'apiKeyHash'>
export type KeyToIssue = Pick<NewApiKey, 'name' | 'projectId' | 'callsPerMinute'> & {
  scopes?: NewApiKey['scopes'] | undefined
  expiresAt?: string | undefined
}

/**
 * Creates a user and their first API key, both or neither. Returns the plain key unless the caller chose it.
 * @throws DomainError `invalid_input` for a chosen key that cannot be used; `conflict` for a username, email or key
 * that is taken; whatever `KeyProofs` throws.
 */
export async function createUserWithKey(
  parts: CredentialParts,
  { apiKey, ...user }: CreateUserInput,
  { userId, requester }: Issuer,
): Promise<{ user: User; apiKey: string | null }> {
  const plain = apiKey ?? newApiKey()
  const key = { ...(await storedKey(parts, plain, userId)), name: 'first', scopes: [scopeOfRole(user.role)] }
  const created = await createUserWithApiKey(parts.db, user, key, requester)
  return { user: created, apiKey: apiKey === undefined ? plain : null }
}

/**
 * Creates another API key for a user, by default with all that the user may do. The plain key is returned only here and
 * never stored.
 * @throws DomainError `invalid_input` for an expiry that is not in the future; whatever `KeyProofs` throws.
 */
export async function issueApiKey(
  parts: CredentialParts,
  user: User,
  key: KeyToIssue,
  { userId, requester }: Issuer,
): Promise<{ apiKey: ApiKey; key: string }> {
  await requireFuture(parts.db, key.expiresAt)
  const plain = newApiKey()
  const { name, scopes = [scopeOfRole(user.role)], projectId, callsPerMinute, expiresAt } = key
  const stored = { ...(await storedKey(parts, plain, userId)), name, scopes, projectId, callsPerMinute, expiresAt }
  return { apiKey: await createApiKey(parts.db, user.id, stored, requester), key: plain }
}

/**
 * Creates an API key that replaces one in scope; both are valid for `overlapSeconds`.
 * @throws DomainError `not_found`; `conflict` when the key has ended or was already rotated; whatever `KeyProofs` throws.
 */
export async function rotateKey(
  parts: CredentialParts,
  scope: Scope,
  rotation: RotateApiKeyInput,
  { userId, requester }: Issuer,
): Promise<{ apiKey: ApiKey; key: string }> {
  const plain = newApiKey()
  const stored = { ...rotation, ...(await storedKey(parts, plain, userId)) }
  return { apiKey: await rotateApiKey(parts.db, scope, stored, requester), key: plain }
}

/** Creates a session. Its token is returned only here and never stored. */
export async function openSession(
  { db, secrets }: CredentialParts,
  userId: number,
  session: SessionToOpen,
  requester: Requester,
): Promise<{ session: Session; token: string }> {
  const token = newSessionToken()
  const opened = { ...session, tokenLookup: lookupOf(secrets, token) }
  return { session: await createSession(db, userId, opened, requester), token }
}

/** @throws DomainError `invalid_input` for an instant that is not after now, by the database's clock. */
async function requireFuture(db: Knex, expiresAt: string | undefined): Promise<void> {
  if (expiresAt !== undefined && expiresAt <= (await readClock(db))) {
    throw invalidField('expiresAt', 'must be in the future')
  }
}

/**
 * Returns how a plain key is stored. `callerId` is the user who waits for it.
 * @throws DomainError `invalid_input` for a chosen key that cannot be used; whatever `KeyProofs` throws.
 */
export async function storedKey(
  { secrets, proofs }: CredentialParts,
  plain: string,
  callerId?: number,
): Promise<StoredKey> {
  requireUsableKey(plain)
  return {
    prefix: shownPrefix(plain),
    lookup: lookupOf(secrets, plain),
    apiKeyHash: await proofs.make(plain, callerId),
  }
}
