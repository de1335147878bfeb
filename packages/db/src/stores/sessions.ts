import {
  type ApiKeyScope,
  type CreateSessionInput,
  DomainError,
  type ListSessionsInput,
  type Page,
  type Session,
  type User,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { auditEntity, type Requester } from '../audit/audit-log.js'
import { dialectOf } from '../dialect/dialect.js'
import { ApiKeyModel, IdentityModel, SessionModel } from '../models/models.js'
import { page } from '../page.js'
import { EVERYTHING, narrow, type Scope } from '../scope.js'
import { getUser } from './users.js'

/**
 * What opens a session: a key, or another provider's account with the scope that its token grants, and the role of an admin if
 * the token names one.
 */
export type SessionOpener =
  | { apiKeyId: number; identityId?: undefined; scope?: undefined; role?: undefined }
  | { apiKeyId?: undefined; identityId: number; scope: ApiKeyScope; role?: 'admin' | undefined }

/** A `token` is sent by programs; a `cookie` is kept by the browser of a person who signed in. */
export type SessionToOpen = CreateSessionInput & SessionOpener & { kind: 'token' | 'cookie' }
export type NewSession = SessionToOpen & { tokenLookup: string }

/** A session that a token matches, and what it may do. */
export type SessionCandidate = {
  session: Session
  kind: 'token' | 'cookie'
  tokenLookup: string
  user: User
  /** The key that opened the session, and its scopes; null when another provider's account opened it. */
  apiKey: { id: number; scopes: ApiKeyScope[]; callsPerMinute: number | null } | null
  /** The account of another provider that opened the session, and its scope then; null otherwise. */
  identityId: number | null
  scope: ApiKeyScope | null
  /** Set when the provider of that account named its user an admin. */
  role: 'admin' | null
  usableMilliseconds: number
}

/**
 * Creates a session for a user that expires `ttlSeconds` from now, by the database's clock.
 * @throws DomainError `unauthenticated` when the identity that opens it has been removed.
 */
export async function createSession(
  db: Knex,
  userId: number,
  { ttlSeconds, projectId = null, metadata = null, kind, tokenLookup, ...opener }: NewSession,
  requester: Requester,
): Promise<Session> {
  return db.transaction(async (trx) => {
    const expiresAt = trx.raw(dialectOf(trx).later, [ttlSeconds])
    if (opener.identityId !== undefined) await requireLinked(trx, opener.identityId)
    const row: object = { ...opener, userId, projectId, kind, tokenLookup, metadata, expiresAt }
    const { id } = await SessionModel.query(trx).insert(row).returning('id')
    const after = await getSession(trx, EVERYTHING, { id })
    const action = kind === 'cookie' ? 'auth.signIn' : 'sessions.create'
    await auditEntity(trx, 'session', { ...requester, action, before: null, after })
    return after
  })
}

/** Keeps an identity linked until the end of the transaction. @throws DomainError `unauthenticated` when it is not. */
async function requireLinked(trx: Knex.Transaction, identityId: number): Promise<void> {
  if (await IdentityModel.query(trx).findById(identityId).forKeyShare()) return
  throw new DomainError('unauthenticated', 'the account that signed in is no longer linked to a user')
}

/** Returns the active session that one of these token lookups names; undefined when there is none. */
export async function findActiveSession(
  db: Knex,
  tokenLookups: readonly string[],
): Promise<SessionCandidate | undefined> {
  const found = await visible(db, EVERYTHING)
    .whereIn('tokenLookup', [...tokenLookups])
    .where({ status: 'active' })
    .select('*', db.raw(`${dialectOf(db).clock} AS read_at`))
    .first()
  if (!found) return undefined
  const { readAt } = found as unknown as { readAt: string }
  const { kind, tokenLookup, identityId, scope, role, apiKeyId, expiresAt } = found
  const [user, apiKey] = await Promise.all([
    getUser(db, EVERYTHING, found.userId),
    apiKeyId === null ? null : ApiKeyModel.query(db).findById(apiKeyId).select('id', 'scopes', 'callsPerMinute'),
  ])
  const usableMilliseconds = Date.parse(expiresAt) - Date.parse(readAt)
  const session = found.toEntity()
  return { session, kind, tokenLookup, user, apiKey: apiKey ?? null, identityId, scope, role, usableMilliseconds }
}

/** Returns a session in scope, by id or by the lookups of its token. @throws DomainError `not_found`. */
export async function getSession(
  db: Knex,
  scope: Scope,
  by: { id: number } | { tokenLookups: readonly string[] },
): Promise<Session> {
  const sessions = visible(db, scope)
  const found = 'id' in by ? sessions.where({ id: by.id }) : sessions.whereIn('tokenLookup', [...by.tokenLookups])
  return (await found.first().throwIfNotFound()).toEntity()
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

/** Replaces the lookup of a session's token, because the server's secret has changed. */
export async function renewTokenLookup(db: Knex, scope: Scope, id: number, tokenLookup: string): Promise<void> {
  await narrow(SessionModel.query(db).patch({ tokenLookup }).where({ id }), scope, owner)
}

/**
 * Sets an active session to expire `ttlSeconds` from now, or with its API key if that expires earlier.
 * @throws DomainError `not_found`; `session_closed` when the session is closed or expired; `conflict` for the session of a
 *   browser, which lasts only as long as its sign-in promised.
 */
export async function extendSession(
  db: Knex,
  scope: Scope,
  { id, ttlSeconds }: { id: number; ttlSeconds: number },
  requester: Requester,
): Promise<Session> {
  const { kind } = await visible(db, scope).where({ id }).first().throwIfNotFound()
  if (kind === 'cookie') throw new DomainError('conflict', 'the session of a browser cannot be extended: sign in again')
  const end = db.raw(dialectOf(db).later, [ttlSeconds])
  const session = await changeActive(db, scope, id, { expiresAt: end }, { ...requester, action: 'sessions.extend' })
  if (session.status !== 'active') throw sessionClosed(session)
  return session
}

/** Closes a session; a closed or expired one stays as it is. @throws DomainError `not_found`. */
export async function closeSession(
  db: Knex,
  scope: Scope,
  id: number,
  requester: Requester,
  action: 'sessions.close' | 'auth.signOut' = 'sessions.close',
): Promise<Session> {
  return changeActive(db, scope, id, { status: 'closed' }, { ...requester, action })
}

/** Changes a session if it is active, and returns it as it is afterwards. */
async function changeActive(
  db: Knex,
  scope: Scope,
  id: number,
  change: object,
  entry: Requester & { action: string },
): Promise<Session> {
  return db.transaction(async (trx) => {
    // So that the audit log has the state before the change and not an earlier one.
    await narrow(SessionModel.query(trx).findById(id), scope, owner).forNoKeyUpdate()
    const before = await getSession(trx, scope, { id })
    const active = visible(trx, scope).where({ id, status: 'active' }).select('id')
    const changed = await SessionModel.query(trx).patch(change).whereIn('id', active)
    const after = await getSession(trx, scope, { id })
    if (changed > 0) await auditEntity(trx, 'session', { ...entry, before, after })
    return after
  })
}

/** Returns the error for a session that is no longer active. */
export function sessionClosed({ status }: Session): DomainError {
  return new DomainError('session_closed', `the session is ${status}`, { status })
}

const owner = { userId: 'userId', projectId: 'projectId' }

/**
 * Selects the sessions in scope with their current status, even if it is not stored yet. A session expires at its own
 * expiry or that of its API key, whichever is earlier; it is closed when its API key is revoked, its user deactivated, or
 * its project or that of its API key ends.
 */
function visible(db: Knex, scope: Scope) {
  const { now } = dialectOf(db)
  const expiresAt = `CASE WHEN api_keys.expires_at < sessions.expires_at THEN api_keys.expires_at ELSE sessions.expires_at END`
  const status = `CASE WHEN sessions.status <> 'active' THEN sessions.status
    WHEN api_keys.revoked_at IS NOT NULL OR users.deactivated_at IS NOT NULL
      OR projects.status NOT IN ('pending', 'running') THEN 'closed'
    WHEN ${expiresAt} <= ${now} THEN 'expired' ELSE 'active' END`
  const kept = [
    'id',
    'userId',
    'projectId',
    'kind',
    'tokenLookup',
    'apiKeyId',
    'identityId',
    'scope',
    'role',
    'metadata',
    'createdAt',
  ]
  const sessions = db('sessions')
    .join('users', 'users.id', 'sessions.userId')
    .leftJoin('apiKeys', 'apiKeys.id', 'sessions.apiKeyId')
    .leftJoin('projects', 'projects.id', 'sessions.projectId')
    .select(...kept.map((column) => `sessions.${column}`))
    .select(db.raw(`${expiresAt} AS expires_at`), db.raw(`${status} AS status`))
  return narrow(SessionModel.query(db).from(sessions.as('sessions')), scope, owner)
}
