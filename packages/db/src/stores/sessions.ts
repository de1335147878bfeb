import {
  type CreateSessionInput,
  DomainError,
  type ListSessionsInput,
  type Page,
  type Session,
  type User,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { SessionModel } from '../models/models.js'
import { page } from '../page.js'
import { EVERYTHING, narrow, type Scope } from '../scope.js'
import { getUser } from './users.js'

export type NewSession = CreateSessionInput & { apiKeyId: number; tokenLookup: string }

/** Creates a session for a user that expires `ttlSeconds` from now, by the database's clock. */
export async function createSession(
  db: Knex,
  userId: number,
  { ttlSeconds, apiKeyId, tokenLookup, projectId = null, metadata = null }: NewSession,
): Promise<Session> {
  const expiresAt = db.raw(dialectOf(db).later, [ttlSeconds])
  const row: object = { userId, apiKeyId, tokenLookup, projectId, metadata, expiresAt }
  const { id } = await SessionModel.query(db).insert(row).returning('id')
  return getSession(db, EVERYTHING, { id })
}

/** Returns a token's session, the id of the key that opened it, and its user; undefined when there is none. */
export async function findSessionByLookup(
  db: Knex,
  tokenLookup: string,
): Promise<{ session: Session; apiKeyId: number; user: User } | undefined> {
  const session = await visible(db, EVERYTHING).where({ tokenLookup }).first()
  if (!session) return undefined
  const user = await getUser(db, EVERYTHING, session.userId)
  return { session: session.toEntity(), apiKeyId: session.apiKeyId, user }
}

/** Returns a session in scope, by id or by its token's lookup. @throws DomainError `not_found`. */
export async function getSession(
  db: Knex,
  scope: Scope,
  by: { id: number } | { tokenLookup: string },
): Promise<Session> {
  return (await visible(db, scope).where(by).first().throwIfNotFound()).toEntity()
}

/** Returns a page of the sessions in scope, newest first. */
export async function listSessions(db: Knex, scope: Scope, input: ListSessionsInput): Promise<Page<Session>> {
  const query = visible(db, scope)
  if (input.projectId !== undefined) query.where({ projectId: input.projectId })
  if (input.status !== undefined) query.where({ status: input.status })
  return page(query, input)
}

/** Returns which of these sessions are in scope and active. */
export async function activeSessionIds(db: Knex, scope: Scope, ids: readonly number[]): Promise<number[]> {
  const rows = await visible(db, scope).whereIn('id', ids).where({ status: 'active' }).select('id')
  return rows.map(({ id }) => id)
}

/**
 * Sets an active session to expire `ttlSeconds` from now, or with its API key if that expires earlier.
 * @throws DomainError `not_found`; `session_closed` when the session is closed or expired.
 */
export async function extendSession(db: Knex, scope: Scope, id: number, ttlSeconds: number): Promise<Session> {
  await SessionModel.query(db)
    .patch({ expiresAt: db.raw(dialectOf(db).later, [ttlSeconds]) })
    .whereIn('id', active(db, scope, id))
  const session = await getSession(db, scope, { id })
  if (session.status !== 'active') throw sessionClosed(session)
  return session
}

/** Closes a session; a closed or expired one stays as it is. @throws DomainError `not_found`. */
export async function closeSession(db: Knex, scope: Scope, id: number): Promise<Session> {
  await SessionModel.query(db)
    .patch({ status: 'closed' })
    .whereIn('id', active(db, scope, id))
  return getSession(db, scope, { id })
}

/** Returns the error for a session that is no longer active. */
export function sessionClosed({ status }: Session): DomainError {
  return new DomainError('session_closed', `the session is ${status}`, { status })
}

/**
 * Selects the sessions in scope with their current status, even if it is not stored yet: a session expires at its own
 * expiry or that of its API key, whichever is earlier, and is closed when the API key is revoked.
 */
function visible(db: Knex, scope: Scope) {
  const expiresAt = `CASE WHEN api_keys.expires_at < sessions.expires_at THEN api_keys.expires_at ELSE sessions.expires_at END`
  const status = `CASE WHEN sessions.status <> 'active' THEN sessions.status WHEN api_keys.revoked_at IS NOT NULL THEN 'closed'
    WHEN ${expiresAt} <= ${dialectOf(db).now} THEN 'expired' ELSE 'active' END`
  const kept = ['id', 'userId', 'projectId', 'tokenLookup', 'apiKeyId', 'metadata', 'createdAt']
  const sessions = db('sessions')
    .join('apiKeys', 'apiKeys.id', 'sessions.apiKeyId')
    .select(...kept.map((column) => `sessions.${column}`))
    .select(db.raw(`${expiresAt} AS expires_at`), db.raw(`${status} AS status`))
  const query = SessionModel.query(db).from(sessions.as('sessions'))
  return narrow(query, scope, { userId: 'userId', projectId: 'projectId' })
}

/** Selects the id of a session if it is in scope and active. */
function active(db: Knex, scope: Scope, id: number) {
  return visible(db, scope).where({ id, status: 'active' }).select('id')
}
