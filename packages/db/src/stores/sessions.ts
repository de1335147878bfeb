import { type CreateSessionInput, DomainError, type ListSessionsInput, type Page, type Session } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { SessionModel } from '../models/session.js'
import { idsBelow, toPage } from '../page.js'
import type { Scope } from '../scope.js'

export type NewSession = CreateSessionInput & { userId: number; apiKeyId: number; tokenLookup: string }

/** A session, and the API key it was made with. */
export type StoredSession = Session & { apiKeyId: number }

/** Opens a session that expires `ttlSeconds` from now, by the database's clock. */
export async function createSession(db: Knex, { ttlSeconds, ...session }: NewSession): Promise<Session> {
  const { projectId = null, metadata = null, userId, apiKeyId, tokenLookup } = session
  const expiresAt = db.raw(dialectOf(db).later, [ttlSeconds])
  const row: object = { userId, apiKeyId, tokenLookup, projectId, metadata, expiresAt }
  const { id } = await SessionModel.query(db).insert(row).returning('id')
  return getSession(db, {}, { id })
}

/** A session in scope by its id or the lookup of its token. @throws DomainError `not_found`. */
export async function getSession(
  db: Knex,
  scope: Scope,
  by: { id: number } | { tokenLookup: string },
): Promise<StoredSession> {
  return visible(db, scope).where(by).first().throwIfNotFound()
}

/** Sessions in scope, newest first. */
export async function listSessions(db: Knex, scope: Scope, page: ListSessionsInput): Promise<Page<Session>> {
  const query = visible(db, scope).where('id', '<', idsBelow(page))
  if (page.projectId !== undefined) query.where({ projectId: page.projectId })
  if (page.status !== undefined) query.where(db.raw(statusNow(db)), page.status)
  const rows = await query.orderBy('id', 'desc').limit(page.limit + 1)
  return toPage(rows, page, ({ id }) => id)
}

/**
 * Makes an active session expire `ttlSeconds` from now.
 * @throws DomainError `not_found`; `session_closed` when it is closed or expired.
 */
export async function extendSession(db: Knex, scope: Scope, id: number, ttlSeconds: number): Promise<Session> {
  const { later, now } = dialectOf(db)
  const extended = await SessionModel.query(db)
    .patch({ expiresAt: db.raw(later, [ttlSeconds]) })
    .where({ id, status: 'active', ...scope })
    .where('expiresAt', '>', db.raw(now))
  const session = await getSession(db, scope, { id })
  if (extended === 0) throw sessionClosed(session)
  return session
}

/** Closes a session; closed or expired already, it stays so. @throws DomainError `not_found`. */
export async function closeSession(db: Knex, scope: Scope, id: number): Promise<Session> {
  await SessionModel.query(db)
    .patch({ status: 'closed' })
    .where({ id, status: 'active', ...scope })
    .where('expiresAt', '>', db.raw(dialectOf(db).now))
  return getSession(db, scope, { id })
}

/** The refusal for a session that is no longer active. */
export function sessionClosed({ status }: Session): DomainError {
  return new DomainError('session_closed', `the session is ${status}`, { status })
}

/** A session past its time is expired, and one whose API key was revoked is closed, whether or not anything has written so. */
function statusNow(db: Knex): string {
  const isRevoked = 'EXISTS (SELECT 1 FROM api_keys WHERE api_keys.id = api_key_id AND revoked_at IS NOT NULL)'
  return `CASE WHEN status <> 'active' THEN status WHEN ${isRevoked} THEN 'closed'
    WHEN expires_at <= ${dialectOf(db).now} THEN 'expired' ELSE status END`
}

function visible(db: Knex, scope: Scope) {
  return SessionModel.query(db)
    .select('sessions.*', db.raw(`${statusNow(db)} AS status`))
    .where(scope)
}
