import { DomainError } from '@mgx/contract'
import { findApiKeyByLookup, getSession, getUser, touchApiKey } from '@mgx/db'
import type { Knex } from 'knex'
import type { Actor } from './actor.js'
import { isProof, isSessionToken, isWellFormed, lookupOf } from './credentials.js'

/**
 * The actor behind an `Authorization` header.
 * @throws DomainError `unauthenticated`, always in the same words: which part was wrong is nobody's business.
 */
export type Authenticate = (authorization: string | undefined) => Promise<Actor>

/** A revocation must hold everywhere within 5 s; argon2 must stay off the hot path. */
const REMEMBERED_MILLISECONDS = 4_000
const MAX_REMEMBERED = 10_000
const LAST_USED_SECONDS = 60

/** Authentication against a database. `now` is a monotonic clock in milliseconds. */
export function createAuthenticate(db: Knex, secret: string, now: () => number): Authenticate {
  const remembered = new Map<string, { actor: Promise<Actor>; until: number }>()

  function apiKeyActor(apiKey: string): Promise<Actor> {
    const lookup = lookupOf(secret, apiKey)
    const known = remembered.get(lookup)
    if (known && known.until > now()) return known.actor
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    const actor = proveApiKey(db, lookup, apiKey)
    remembered.set(lookup, { actor, until: now() + REMEMBERED_MILLISECONDS })
    actor.catch(() => remembered.delete(lookup))
    return actor
  }

  return async (authorization) => {
    const credential = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization ?? '')?.[1]
    if (!credential || !isWellFormed(credential)) throw unauthenticated()
    return isSessionToken(credential) ? sessionActor(db, lookupOf(secret, credential)) : apiKeyActor(credential)
  }
}

async function proveApiKey(db: Knex, lookup: string, apiKey: string): Promise<Actor> {
  const candidate = await findApiKeyByLookup(db, lookup)
  if (!candidate || !(await isProof(candidate.apiKeyHash, apiKey))) throw unauthenticated()
  const { user, apiKey: key } = candidate
  // Only told to people: a database that refuses writes must still serve reads.
  touchApiKey(db, key.id, LAST_USED_SECONDS).catch(() => undefined)
  return { userId: user.id, role: user.role, apiKeyId: key.id, via: 'apiKey', scopes: key.scopes, projectId: null }
}

async function sessionActor(db: Knex, tokenLookup: string): Promise<Actor> {
  const session = await getSession(db, {}, { tokenLookup }).catch((error: unknown) => {
    throw error instanceof DomainError ? unauthenticated() : error
  })
  if (session.status !== 'active') throw unauthenticated()
  const { apiKeyId, projectId } = session
  const { id: userId, role } = await getUser(db, session.userId)
  return { userId, role, apiKeyId, via: 'session', scopes: ['read', 'write'], projectId }
}

function unauthenticated(): DomainError {
  return new DomainError('unauthenticated', 'a valid API key or session token is required: Authorization: Bearer …')
}
