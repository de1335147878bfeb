import {
  type ApiKey,
  type ApiKeyScope,
  type CreateUserInput,
  DomainError,
  type Page,
  type PageInput,
  type User,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { rejectTaken } from '../errors.js'
import { ApiKeyModel } from '../models/models.js'
import { page } from '../page.js'
import { EVERYTHING, narrow, type Scope } from '../scope.js'
import { hasUsableAdminKey, lockAdmins, requireAdminKeyLeft, usableApiKeys } from './usable-api-keys.js'
import { createUser, getUser } from './users.js'

/** API keys belong to a user and to no project. */
const owner = { userId: 'userId' }

export type NewApiKey = {
  name: string
  prefix: string
  lookup: string
  apiKeyHash: string
  scopes: ApiKeyScope[]
  expiresAt?: string | undefined
}

/** A key that a bearer token may match, with the hash to verify it, and how long it stays usable unless revoked. */
export type ApiKeyCandidate = { apiKey: ApiKey; apiKeyHash: string; user: User; usableMilliseconds: number }

/** Creates a key for a user. @throws DomainError `conflict` when the key is already in use. */
export async function createApiKey(db: Knex, userId: number, key: NewApiKey): Promise<ApiKey> {
  const row = { ...key, userId, expiresAt: key.expiresAt ?? null }
  return (await ApiKeyModel.query(db).insert(row).returning('*').catch(rejectTaken)).toEntity()
}

/** Creates a user and the user's first key, both or neither. @throws as `createUser` and `createApiKey`. */
export async function createUserWithApiKey(
  db: Knex,
  input: Omit<CreateUserInput, 'apiKey'>,
  key: NewApiKey,
): Promise<User> {
  return db.transaction(async (trx) => {
    const user = await createUser(trx, input)
    await createApiKey(trx, user.id, key)
    return user
  })
}

/** Creates a key for an admin, unless some admin has a usable one. Returns whether it did. */
export async function createAdminKeyIfNone(db: Knex, userId: number, key: NewApiKey): Promise<boolean> {
  return db.transaction(async (trx) => {
    await lockAdmins(trx)
    if (await hasUsableAdminKey(trx)) return false
    await createApiKey(trx, userId, key)
    return true
  })
}

/** Returns the usable key with this lookup (not revoked, not expired by the database's clock) and its user, if any. */
export async function findApiKeyByLookup(db: Knex, lookup: string): Promise<ApiKeyCandidate | undefined> {
  const key = await usableApiKeys(db)
    .findOne({ lookup })
    .select('apiKeys.*', db.raw(`${dialectOf(db).clock} AS read_at`))
  if (!key) return undefined
  const { readAt } = key as unknown as { readAt: string }
  const usableMilliseconds = key.expiresAt ? Date.parse(key.expiresAt) - Date.parse(readAt) : Number.POSITIVE_INFINITY
  const user = await getUser(db, EVERYTHING, key.userId)
  return { apiKey: key.toEntity(), apiKeyHash: key.apiKeyHash, user, usableMilliseconds }
}

/** Returns which of these keys are in scope and usable. */
export async function usableApiKeyIds(db: Knex, scope: Scope, ids: readonly number[]): Promise<number[]> {
  const keys = await narrow(usableApiKeys(db), scope, owner).whereIn('id', ids).select('id')
  return keys.map(({ id }) => id)
}

/** Returns the owner of the key with this lookup, and how the key ended if it did; undefined when there is no key. */
export async function findApiKeyOwnerByLookup(
  db: Knex,
  lookup: string,
): Promise<{ user: User; ended: 'revoked' | 'expired' | undefined } | undefined> {
  const key = await ApiKeyModel.query(db).findOne({ lookup })
  if (!key) return undefined
  const [isUsable] = await usableApiKeyIds(db, EVERYTHING, [key.id])
  const ended = isUsable ? undefined : key.revokedAt ? 'revoked' : 'expired'
  return { user: await getUser(db, EVERYTHING, key.userId), ended }
}

/** Sets `lastUsedAt` of a key in scope to now, unless it was set less than `seconds` ago. */
export async function touchApiKey(db: Knex, scope: Scope, id: number, seconds: number): Promise<void> {
  const { now, later } = dialectOf(db)
  const touched = ApiKeyModel.query(db)
    .patch({ lastUsedAt: db.raw(now) })
    .where({ id })
    .where((either) => either.whereNull('lastUsedAt').orWhere('lastUsedAt', '<', db.raw(later, [-seconds])))
  await narrow(touched, scope, owner)
}

/**
 * Revokes a key in scope and creates its replacement for the same user, both or neither.
 * @throws DomainError `not_found`; `conflict` when the key is revoked or expired.
 */
export async function replaceApiKey(db: Knex, scope: Scope, id: number, key: NewApiKey): Promise<ApiKey> {
  return db.transaction(async (trx) => {
    const { userId } = await getApiKey(trx, scope, id)
    const revoked = await usableApiKeys(trx)
      .where({ id })
      .patch({ revokedAt: trx.raw(dialectOf(trx).now) })
    if (revoked === 0) throw new DomainError('conflict', 'a revoked or expired API key cannot be rotated')
    return createApiKey(trx, userId, key)
  })
}

/** Returns a page of a user's keys in scope, newest first. */
export async function listApiKeys(db: Knex, scope: Scope, userId: number, input: PageInput): Promise<Page<ApiKey>> {
  return page(narrow(ApiKeyModel.query(db).where({ userId }), scope, owner), input)
}

/** Returns a key in scope. @throws DomainError `not_found`. */
export async function getApiKey(db: Knex, scope: Scope, id: number): Promise<ApiKey> {
  return (await narrow(ApiKeyModel.query(db), scope, owner).findById(id).throwIfNotFound()).toEntity()
}

/**
 * Revokes a key in scope. A key that is already revoked keeps its first `revokedAt`.
 * @throws DomainError `not_found`; `conflict` when no admin would have a usable key left.
 */
export async function revokeApiKey(db: Knex, scope: Scope, id: number): Promise<ApiKey> {
  const found = await getApiKey(db, scope, id)
  if (found.revokedAt !== null) return found
  return db.transaction(async (trx) => {
    await lockAdmins(trx)
    await requireAdminKeyLeft(trx, (key) => key.id === id, 'the last usable admin key cannot be revoked')
    await ApiKeyModel.query(trx)
      .patch({ revokedAt: trx.raw(dialectOf(trx).now) })
      .where({ id })
      .whereNull('revokedAt')
    return getApiKey(trx, scope, id)
  })
}
