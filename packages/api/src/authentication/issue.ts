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
 * Makes a user and their first API key, both or neither; answers the plain key unless the caller chose it. `callerId` is
 * the user who asks for it; undefined when the process itself does.
 * @throws DomainError `invalid_input` for a chosen key that cannot be used; `conflict` for a name, email or key that is
 * taken; as `KeyProofs`.
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
 * Makes another API key of a user; the plain key is answered once and never stored. `callerId` is the user who asks for
 * it.
 * @throws DomainError `invalid_input` for a key that would expire at once; as `KeyProofs`.
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
 * Revokes an API key in scope and makes one like it, as `issueApiKey` does.
 * @throws DomainError `not_found`; `conflict` when the replaced one has ended; as `KeyProofs`.
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

/** What a start did so that an admin can call. */
export type AdminAccess = {
  /** Why the given key opens nothing; undefined when it does, or when none was given. */
  ended: 'revoked' | 'expired' | undefined
  made: 'admin' | 'key' | undefined
  /** The plain key of what was made, unless it is the given one. */
  apiKey: string | null
}

/**
 * Sees to it that an admin can call. The first admin of a new database is made with the given key or a new one (by one
 * server, when several start at the same moment). An admin that is there gets the given key, unless it is known: that is
 * how a lost key is replaced. A given key that has ended stays so; only when no admin has a usable key is a new one made.
 * @throws DomainError `invalid_input` when the given key cannot be used or is a member's; `conflict` when a member has
 * the name that the admin would get.
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
    // Another server may have made the admin, or the key, in between.
    const isThere = admin ? await findOwner() : await findFirstAdmin(db)
    if (domainErrorOf(db, error)?.reason === 'conflict' && isThere) return ensureAdmin(parts, apiKey)
    throw domainErrorOf(db, error) ?? error
  }
}

/** Gives the admin a new key, which is not the ended one: that may have been revoked because others know it. */
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
