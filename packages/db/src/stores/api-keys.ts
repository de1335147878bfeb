import {
  type ApiKey,
  type ApiKeyScope,
  DomainError,
  notFound,
  type Page,
  type PageInput,
  type User,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { ApiKeyModel } from '../models/api-key.js'
import { idsBelow, toPage } from '../page.js'
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

/** A key that a bearer token may be, with what is needed to prove it. */
export type ApiKeyCandidate = { apiKey: ApiKey; apiKeyHash: string; user: User }

/** @throws UniqueViolationError (answered as `conflict`) when the key is in use already. */
export async function createApiKey(db: Knex, key: NewApiKey): Promise<ApiKey> {
  return ApiKeyModel.query(db)
    .insert({ ...key, expiresAt: key.expiresAt ?? null })
    .returning('*')
}

/** The usable key of a lookup (neither revoked nor expired by the database's clock) and its user. */
export async function findApiKeyByLookup(db: Knex, lookup: string): Promise<ApiKeyCandidate | undefined> {
  const key = await ApiKeyModel.query(db)
    .findOne({ lookup })
    .whereNull('revokedAt')
    .where((either) => either.whereNull('expiresAt').orWhere('expiresAt', '>', db.raw(dialectOf(db).now)))
  return key && { apiKey: key, apiKeyHash: key.apiKeyHash, user: await getUser(db, key.userId) }
}

/** Notes that a key was used now, unless that was noted less than `seconds` ago. */
export async function touchApiKey(db: Knex, id: number, seconds: number): Promise<void> {
  const { now, later } = dialectOf(db)
  await ApiKeyModel.query(db)
    .patch({ lastUsedAt: db.raw(now) })
    .where({ id })
    .where((either) => either.whereNull('lastUsedAt').orWhere('lastUsedAt', '<', db.raw(later, [-seconds])))
}

/** Ends a key and makes the one that replaces it, both or neither. @throws DomainError `conflict` when it has ended. */
export async function replaceApiKey(db: Knex, id: number, key: NewApiKey): Promise<ApiKey> {
  return db.transaction(async (trx) => {
    const revoked = await ApiKeyModel.query(trx)
      .patch({ revokedAt: trx.raw(dialectOf(trx).now) })
      .where({ id })
      .whereNull('revokedAt')
    if (revoked === 0) throw new DomainError('conflict', 'a revoked API key cannot be rotated')
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

/** Ends a key; ended once, it keeps its first instant. */
export async function revokeApiKey(db: Knex, id: number): Promise<ApiKey> {
  const [key] = await ApiKeyModel.query(db)
    .patch({ revokedAt: db.raw(`COALESCE(revoked_at, ${dialectOf(db).now})`) })
    .where({ id })
    .returning('*')
  if (!key) throw notFound('API key')
  return key
}
