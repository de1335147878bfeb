import { hash } from 'node:crypto'
import { DomainError } from '@mgx/contract'
import { findApiKeyByLookup, getSession, getUser, touchApiKey } from '@mgx/db'
import type { Knex } from 'knex'
import type { Actor } from './actor.js'
import { isSessionToken, isWellFormed, lookupOf } from './credentials.js'
import { isProof } from './proofs.js'

/**
 * The actor behind an `Authorization` header.
 * @throws DomainError `unauthenticated`, always in the same words: which part was wrong is nobody's business.
 */
export type Authenticate = (authorization: string | undefined) => Promise<Actor>

/** A revocation must hold everywhere within 5 s; argon2 must stay off the hot path. */
const REMEMBERED_MILLISECONDS = 4_000
const MAX_REMEMBERED = 10_000
const LAST_USED_SECONDS = 60

type Proven = { actor: Actor; apiKeyHash: string }

/** Authentication against a database. `now` is a monotonic clock in milliseconds. */
export function createAuthenticate(db: Knex, secret: string, now: () => number): Authenticate {
  const remembered = new Map<string, { proven: Promise<Proven>; until: number }>()

  async function apiKeyActor(apiKey: string): Promise<Actor> {
    // Not the HMAC that finds a key in the database, which costs several times as much and is not needed in memory.
    const fingerprint = hash('sha256', apiKey, 'base64url')
    const known = remembered.get(fingerprint)
    if (known && known.until > now()) return (await known.proven).actor
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    const proven = proveApiKey(db, lookupOf(secret, apiKey), apiKey, known?.proven)
    remembered.set(fingerprint, { proven, until: now() + REMEMBERED_MILLISECONDS })
    proven.catch(() => remembered.delete(fingerprint))
    return (await proven).actor
  }

  return async (authorization) => {
    const credential = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization ?? '')?.[1]
    if (!credential || !isWellFormed(credential)) throw unauthenticated()
    return isSessionToken(credential) ? sessionActor(db, lookupOf(secret, credential)) : apiKeyActor(credential)
  }
}

/** Reads the key anew; argon2 is spared when the stored proof is the one that this key has passed `earlier`. */
async function proveApiKey(
  db: Knex,
  lookup: string,
  apiKey: string,
  earlier: Promise<Proven> | undefined,
): Promise<Proven> {
  const candidate = await findApiKeyByLookup(db, lookup)
  if (!candidate) throw unauthenticated()
  const { apiKeyHash, user, apiKey: key } = candidate
  const passed = await earlier?.catch(() => undefined)
  if (passed?.apiKeyHash !== apiKeyHash && !(await isProof(apiKeyHash, apiKey, user.id))) throw unauthenticated()
  // Only told to people: a database that refuses writes must still serve reads.
  touchApiKey(db, key.id, LAST_USED_SECONDS).catch(() => undefined)
  const { id: userId, role } = user
  const actor: Actor = { userId, role, apiKeyId: key.id, via: 'apiKey', scopes: key.scopes, projectId: null }
  return { actor, apiKeyHash }
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
