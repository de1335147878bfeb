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
import { auditEntity, type Requester, SYSTEM } from '../audit/audit-log.js'
import { dialectOf } from '../dialect/dialect.js'
import { rejectTaken } from '../errors.js'
import { ApiKeyModel } from '../models/models.js'
import { page } from '../page.js'
import { EVERYTHING, narrow, type Scope } from '../scope.js'
import { hasUsableAdminKey, lockAdmins, requireAdminKeyLeft, usableApiKeys } from './usable-api-keys.js'
import { createUser, getUser } from './users.js'

/** A key is a matter of its user, even when it is bound to a project. */
const owner = { userId: 'userId' }

export type NewApiKey = {
  name: string
  prefix: string
  lookup: string
  apiKeyHash: string
  scopes: readonly ApiKeyScope[]
  projectId?: number | null | undefined
  callsPerMinute?: number | null | undefined
  expiresAt?: string | null | undefined
}

/** A usable key, with what is needed to verify a bearer token, and how long it stays usable unless revoked. */
export type ApiKeyCandidate = {
  apiKey: ApiKey
  lookup: string
  apiKeyHash: string
  user: User
  usableMilliseconds: number
}

/** Creates a key for a user. @throws DomainError `conflict` when the key is already in use. */
export async function createApiKey(db: Knex, userId: number, key: NewApiKey, requester: Requester): Promise<ApiKey> {
  return db.transaction(async (trx) => {
    const created = await insertApiKey(trx, userId, key)
    await auditEntity(trx, 'apiKey', { ...requester, action: 'apiKeys.create', before: null, after: created })
    return created
  })
}

/** Creates a user and the user's first key, both or neither. @throws as `createUser` and `createApiKey`. */
export async function createUserWithApiKey(
  db: Knex,
  input: Omit<CreateUserInput, 'apiKey'>,
  key: NewApiKey,
  requester: Requester,
): Promise<User> {
  return createUser(db, input, requester, (trx, userId) => insertApiKey(trx, userId, key))
}

/** Inserts a key without an entry in the audit log. */
async function insertApiKey(trx: Knex.Transaction, userId: number, key: NewApiKey): Promise<ApiKey> {
  const { expiresAt = null, projectId = null, callsPerMinute = null, scopes, ...rest } = key
  const row = { ...rest, scopes: [...scopes], userId, expiresAt, projectId, callsPerMinute }
  return (await ApiKeyModel.query(trx).insert(row).returning('*').catch(rejectTaken)).toEntity()
}

/** Creates a key for an admin, unless some admin has a usable one. Returns whether it did. */
export async function createAdminKeyIfNone(db: Knex, userId: number, key: NewApiKey): Promise<boolean> {
  return db.transaction(async (trx) => {
    await lockAdmins(trx)
    if (await hasUsableAdminKey(trx)) return false
    const created = await insertApiKey(trx, userId, key)
    await auditEntity(trx, 'apiKey', { ...SYSTEM, action: 'apiKeys.create', before: null, after: created })
    return true
  })
}

/**
 * Returns the usable key that one of these lookups, or this id, names, and its user. Undefined when there is none. Usable
 * means: not revoked, not expired by the database's clock, of an active user, of a project that has not ended.
 */
export async function findUsableApiKey(
  db: Knex,
  by: { lookups: readonly string[] } | { id: number },
): Promise<ApiKeyCandidate | undefined> {
  const query = usableApiKeys(db).select('apiKeys.*', db.raw(`${dialectOf(db).clock} AS read_at`))
  const key = await ('id' in by ? query.where({ id: by.id }) : query.whereIn('lookup', [...by.lookups])).first()
  if (!key) return undefined
  const { readAt } = key as unknown as { readAt: string }
  const usableMilliseconds = key.expiresAt ? Date.parse(key.expiresAt) - Date.parse(readAt) : Number.POSITIVE_INFINITY
  const user = await getUser(db, EVERYTHING, key.userId)
  return { apiKey: key.toEntity(), lookup: key.lookup, apiKeyHash: key.apiKeyHash, user, usableMilliseconds }
}

/** Returns which of these keys are in scope and usable. */
export async function usableApiKeyIds(db: Knex, scope: Scope, ids: readonly number[]): Promise<number[]> {
  const keys = await narrow(usableApiKeys(db), scope, owner).whereIn('id', ids).select('id')
  return keys.map(({ id }) => id)
}

/**
 * Returns the key with one of these lookups, its owner, and how the key ended if it did; undefined when there is no key.
 */
export async function findApiKeyOwner(
  db: Knex,
  lookups: readonly string[],
): Promise<{ apiKey: ApiKey; user: User; ended: 'revoked' | 'expired' | 'deactivated' | undefined } | undefined> {
  const key = await ApiKeyModel.query(db)
    .whereIn('lookup', [...lookups])
    .first()
  if (!key) return undefined
  const user = await getUser(db, EVERYTHING, key.userId)
  const [isUsable] = await usableApiKeyIds(db, EVERYTHING, [key.id])
  const end = key.revokedAt ? 'revoked' : user.deactivatedAt ? 'deactivated' : 'expired'
  return { apiKey: key.toEntity(), user, ended: isUsable ? undefined : end }
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

/** Replaces the lookup of a key in scope, because the server's secret has changed. */
export async function renewApiKeyLookup(db: Knex, scope: Scope, id: number, lookup: string): Promise<void> {
  await narrow(ApiKeyModel.query(db).patch({ lookup }).where({ id }), scope, owner)
}

/** Gives a key in scope these scopes. @throws DomainError `not_found`. */
export async function setApiKeyScopes(db: Knex, scope: Scope, id: number, scopes: ApiKeyScope[]): Promise<ApiKey> {
  return db.transaction(async (trx) => {
    const before = await getApiKey(trx, scope, id)
    await ApiKeyModel.query(trx).patch({ scopes }).where({ id })
    const after = await getApiKey(trx, scope, id)
    await auditEntity(trx, 'apiKey', { ...SYSTEM, action: 'apiKeys.update', before, after })
    return after
  })
}

/**
 * Creates a replacement for a key in scope, for the same user, with the same rights and end. The replaced key stays valid
 * for `overlapSeconds`, or until its own expiry if that is earlier.
 * @throws DomainError `not_found`; `conflict` when the key has ended or was already replaced.
 */
export async function rotateApiKey(
  db: Knex,
  scope: Scope,
  {
    id,
    overlapSeconds,
    ...key
  }: Pick<NewApiKey, 'prefix' | 'lookup' | 'apiKeyHash'> & { id: number; overlapSeconds: number },
  requester: Requester,
): Promise<ApiKey> {
  return db.transaction(async (trx) => {
    const { now, later } = dialectOf(trx)
    const before = await getApiKey(trx, scope, id)
    const end = trx.raw(`CASE WHEN expires_at < ${later} THEN expires_at ELSE ${later} END`, [
      overlapSeconds,
      overlapSeconds,
    ])
    const rotated = await usableApiKeys(trx)
      .where({ id })
      .whereNull('rotatedAt')
      .patch({ rotatedAt: trx.raw(now), expiresAt: end })
    if (rotated === 0) throw new DomainError('conflict', cannotRotate(before))
    const { userId, name, scopes, projectId, callsPerMinute, expiresAt } = before
    const created = await insertApiKey(trx, userId, { ...key, name, scopes, projectId, callsPerMinute, expiresAt })
    await auditEntity(trx, 'apiKey', { ...requester, action: 'apiKeys.rotate', before, after: created })
    return created
  })
}

function cannotRotate({ rotatedAt }: ApiKey): string {
  return rotatedAt === null
    ? 'a revoked or expired API key cannot be rotated'
    : 'this API key was already rotated: rotate the one that replaced it'
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
export async function revokeApiKey(db: Knex, scope: Scope, id: number, requester: Requester): Promise<ApiKey> {
  const found = await getApiKey(db, scope, id)
  if (found.revokedAt !== null) return found
  return db.transaction(async (trx) => {
    await lockAdmins(trx)
    await requireAdminKeyLeft(trx, (key) => key.id === id, 'the last usable admin key cannot be revoked')
    const before = await getApiKey(trx, scope, id)
    const revoked = await ApiKeyModel.query(trx)
      .patch({ revokedAt: trx.raw(dialectOf(trx).now) })
      .where({ id })
      .whereNull('revokedAt')
    const after = await getApiKey(trx, scope, id)
    if (revoked > 0) await auditEntity(trx, 'apiKey', { ...requester, action: 'apiKeys.revoke', before, after })
    return after
  })
}
