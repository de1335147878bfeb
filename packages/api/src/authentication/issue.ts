import { type ApiKey, type ApiKeyScope, type CreateUserInput, invalidField, type User } from '@mgx/contract'
import {
  createAdminKeyIfNone,
  createApiKey,
  createUserWithApiKey,
  domainErrorOf,
  findApiKeyOwnerByLookup,
  findFirstAdmin,
  hasUsableAdminKey,
  type NewApiKey,
  readClock,
  replaceApiKey,
  type Scope,
} from '@mgx/db'
import type { Knex } from 'knex'
import { lookupOf, newApiKey, requireUsableKey, shownPrefix } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'

const ALL_SCOPES: ApiKeyScope[] = ['read', 'write']
const FIRST_ADMIN = { username: 'admin', email: 'admin@localhost.local', role: 'admin', spendingLimit: null } as const

type StoredKey = Pick<NewApiKey, 'prefix' | 'lookup' | 'apiKeyHash'>
export type KeyToIssue = Pick<NewApiKey, 'name' | 'scopes' | 'expiresAt'>

/**
 * Creates a user and their first API key, both or neither. Returns the plain key unless the caller chose it. `callerId`
 * is the calling user; undefined when the process itself creates the user.
 * @throws DomainError `invalid_input` for a chosen key that cannot be used; `conflict` for a username, email or key
 * that is taken; whatever `KeyProofs` throws.
 */
export async function createUserWithKey(
  parts: CredentialParts,
  { apiKey, ...user }: CreateUserInput,
  callerId?: number,
): Promise<{ user: User; apiKey: string | null }> {
  const plain = apiKey ?? newApiKey()
  const key = { ...(await storedKey(parts, plain, callerId)), name: 'first', scopes: ALL_SCOPES }
  const created = await createUserWithApiKey(parts.db, user, key)
  return { user: created, apiKey: apiKey === undefined ? plain : null }
}

/**
 * Creates another API key for a user. The plain key is returned only here and never stored. `callerId` is the calling
 * user.
 * @throws DomainError `invalid_input` for an expiry that is not in the future; whatever `KeyProofs` throws.
 */
export async function issueApiKey(
  parts: CredentialParts,
  callerId: number,
  userId: number,
  key: KeyToIssue,
): Promise<{ apiKey: ApiKey; key: string }> {
  await requireFuture(parts.db, key.expiresAt)
  const plain = newApiKey()
  const { name, scopes, expiresAt } = key
  const stored = { ...(await storedKey(parts, plain, callerId)), name, scopes, expiresAt }
  return { apiKey: await createApiKey(parts.db, userId, stored), key: plain }
}

/**
 * Revokes an API key in scope and creates one with the same name, scopes and expiry, as `issueApiKey` does.
 * @throws DomainError `not_found`; `conflict` when the key has already ended; whatever `KeyProofs` throws.
 */
export async function rotateApiKey(
  parts: CredentialParts,
  callerId: number,
  scope: Scope,
  { id, name, scopes, expiresAt }: ApiKey,
): Promise<{ apiKey: ApiKey; key: string }> {
  const plain = newApiKey()
  const stored = { ...(await storedKey(parts, plain, callerId)), name, scopes, expiresAt: expiresAt ?? undefined }
  return { apiKey: await replaceApiKey(parts.db, scope, id, stored), key: plain }
}

/** What `ensureAdmin` did so that an admin can call. */
export type AdminAccess = {
  /** Why the given key no longer works; undefined when it works, or when none was given. */
  ended: 'revoked' | 'expired' | undefined
  made: 'admin' | 'key' | undefined
  /** The plain key that was created; null when there is none, or when it is the given one. */
  apiKey: string | null
}

/**
 * Ensures that an admin can call. In a new database, creates the first admin with the given key or a new one (once,
 * even if several servers start together). An existing admin gets the given key, unless it is already known: that is
 * how a lost key is replaced. A given key that has ended stays ended; a new key is created only if no admin has a
 * usable one.
 * @throws DomainError `invalid_input` when the given key cannot be used or belongs to a member; `conflict` when a
 * member already has the admin's username.
 */
export async function ensureAdmin(parts: CredentialParts, apiKey?: string): Promise<AdminAccess> {
  const { db, secret } = parts
  const findOwner = async () =>
    apiKey === undefined ? undefined : findApiKeyOwnerByLookup(db, lookupOf(secret, apiKey))
  const owner = await findOwner()
  if (owner && owner.user.role !== 'admin') throw invalidField('apiKey', 'is the key of a member')
  const admin = owner ? owner.user : await findFirstAdmin(db)
  try {
    if (!admin) {
      const first = await createUserWithKey(parts, { ...FIRST_ADMIN, apiKey })
      return { ended: undefined, made: 'admin', apiKey: first.apiKey }
    }
    if (owner?.ended) return { ended: owner.ended, ...(await restoreAccess(parts, admin)) }
    if (apiKey && !owner) {
      const stored = await storedKey(parts, apiKey)
      await createApiKey(db, admin.id, { ...stored, name: 'configured', scopes: ALL_SCOPES })
    }
    return { ended: undefined, made: undefined, apiKey: null }
  } catch (error) {
    // Another server may have created the admin or the key in the meantime.
    const isThere = admin ? await findOwner() : await findFirstAdmin(db)
    if (domainErrorOf(db, error)?.reason === 'conflict' && isThere) return ensureAdmin(parts, apiKey)
    throw domainErrorOf(db, error) ?? error
  }
}

/** Gives the admin a new key instead of the ended one, which may have been revoked because it leaked. */
async function restoreAccess(parts: CredentialParts, admin: User): Promise<Pick<AdminAccess, 'made' | 'apiKey'>> {
  const { db } = parts
  if (await hasUsableAdminKey(db)) return { made: undefined, apiKey: null }
  const apiKey = newApiKey()
  const key = { ...(await storedKey(parts, apiKey)), name: 'restored', scopes: ALL_SCOPES }
  return (await createAdminKeyIfNone(db, admin.id, key)) ? { made: 'key', apiKey } : { made: undefined, apiKey: null }
}

/** @throws DomainError `invalid_input` for an instant that is not after now, by the database's clock. */
async function requireFuture(db: Knex, expiresAt: string | undefined): Promise<void> {
  if (expiresAt !== undefined && expiresAt <= (await readClock(db))) {
    throw invalidField('expiresAt', 'must be in the future')
  }
}

async function storedKey({ secret, proofs }: CredentialParts, plain: string, callerId?: number): Promise<StoredKey> {
  requireUsableKey(plain)
  return { prefix: shownPrefix(plain), lookup: lookupOf(secret, plain), apiKeyHash: await proofs.make(plain, callerId) }
}
