import { type ApiKey, type ApiKeyScope, DomainError, type Page, type PageInput, type User } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { ApiKeyModel } from '../models/api-key.js'
import { idsBelow, toPage } from '../page.js'
import { hasUsableAdminKey, lockAdmins, requireAdminKeyLeft } from './admin-keys.js'
import { usableApiKeys } from './usable-api-keys.js'
import { getUser } from './users.js'

export type NewApiKey = {
  userId: number
  name: string
  prefix: string
  lookup: string
  apiKeyHash: string
  scopes: ApiKeyScope[]
  expiresAt?: string | undefined
}

/** A key that a bearer token may be, with what is needed to prove it, and how long it stays usable unless it is revoked. */
export type ApiKeyCandidate = { apiKey: ApiKey; apiKeyHash: string; user: User; usableMilliseconds: number }

/** @throws UniqueViolationError (answered as `conflict`) when the key is in use already. */
export async function createApiKey(db: Knex, key: NewApiKey): Promise<ApiKey> {
  return ApiKeyModel.query(db)
    .insert({ ...key, expiresAt: key.expiresAt ?? null })
    .returning('*')
}

/** Makes a key of an admin, unless some admin has a usable one. Returns whether it did. */
export async function createAdminKeyIfNone(db: Knex, key: NewApiKey): Promise<boolean> {
  return db.transaction(async (trx) => {
    await lockAdmins(trx)
    if (await hasUsableAdminKey(trx)) return false
    await createApiKey(trx, key)
    return true
  })
}

/** The usable key of a lookup (neither revoked nor expired by the database's clock) and its user. */
export async function findApiKeyByLookup(db: Knex, lookup: string): Promise<ApiKeyCandidate | undefined> {
  const key = await usableApiKeys(db)
    .findOne({ lookup })
    .select('apiKeys.*', db.raw(`${dialectOf(db).clock} AS read_at`))
  if (!key) return undefined
  const { readAt } = key as unknown as { readAt: string }
  const usableMilliseconds = key.expiresAt ? Date.parse(key.expiresAt) - Date.parse(readAt) : Number.POSITIVE_INFINITY
  return { apiKey: key, apiKeyHash: key.apiKeyHash, user: await getUser(db, key.userId), usableMilliseconds }
}

/** Which of these keys are usable. */
export async function usableApiKeyIds(db: Knex, ids: readonly number[]): Promise<number[]> {
  const keys = await usableApiKeys(db).whereIn('id', ids).select('id')
  return keys.map(({ id }) => id)
}

/** Whose key has this lookup, and whether it has ended; undefined when there is none. */
export async function findApiKeyOwner(
  db: Knex,
  lookup: string,
): Promise<{ user: User; ended: 'revoked' | 'expired' | undefined } | undefined> {
  const key = await ApiKeyModel.query(db).findOne({ lookup })
  if (!key) return undefined
  const [isUsable] = await usableApiKeyIds(db, [key.id])
  const ended = isUsable ? undefined : key.revokedAt ? 'revoked' : 'expired'
  return { user: await getUser(db, key.userId), ended }
}

/** Notes that a key was used now, unless that was noted less than `seconds` ago. */
export async function touchApiKey(db: Knex, id: number, seconds: number): Promise<void> {
  const { now, later } = dialectOf(db)
  await ApiKeyModel.query(db)
    .patch({ lastUsedAt: db.raw(now) })
    .where({ id })
    .where((either) => either.whereNull('lastUsedAt').orWhere('lastUsedAt', '<', db.raw(later, [-seconds])))
}

/**
 * Ends a key and makes the one that replaces it, both or neither.
 * @throws DomainError `conflict` when it has ended already.
 */
export async function replaceApiKey(db: Knex, id: number, key: NewApiKey): Promise<ApiKey> {
  return db.transaction(async (trx) => {
    const revoked = await usableApiKeys(trx)
      .where({ id })
      .patch({ revokedAt: trx.raw(dialectOf(trx).now) })
    if (revoked === 0) throw new DomainError('conflict', 'a revoked or expired API key cannot be rotated')
    return createApiKey(trx, key)
  })
}

/** A user's keys, newest first. */
export async function listApiKeys(db: Knex, userId: number, page: PageInput): Promise<Page<ApiKey>> {
  const rows = await ApiKeyModel.query(db)
    .where({ userId })
    .where('id', '<', idsBelow(page))
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
  return toPage(rows, page, ({ id }) => id)
}

/** A key by its id, of one user unless `userId` is undefined. @throws DomainError `not_found`. */
export async function getApiKey(
  db: Knex,
  id: number,
  userId: number | undefined,
): Promise<ApiKey & { lookup: string }> {
  const query = ApiKeyModel.query(db).findById(id)
  return (userId === undefined ? query : query.where({ userId })).throwIfNotFound()
}

/**
 * Ends a key, of one user unless `userId` is undefined; ended once, it keeps its first instant.
 * @throws DomainError `not_found`; `conflict` when no admin would have a usable key any more.
 */
export async function revokeApiKey(db: Knex, id: number, userId: number | undefined): Promise<ApiKey> {
  const found = await getApiKey(db, id, userId)
  if (found.revokedAt !== null) return found
  return db.transaction(async (trx) => {
    await lockAdmins(trx)
    await requireAdminKeyLeft(trx, (key) => key.id === id, 'the last usable admin key cannot be revoked')
    await ApiKeyModel.query(trx)
      .patch({ revokedAt: trx.raw(dialectOf(trx).now) })
      .where({ id })
      .whereNull('revokedAt')
    return getApiKey(trx, id, userId)
  })
}
