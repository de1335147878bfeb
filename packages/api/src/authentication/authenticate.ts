import { hash } from 'node:crypto'
import { DomainError } from '@mgx/contract'
import { findApiKeyByLookup, findSessionByLookup, scopeTo, touchApiKey } from '@mgx/db'
import type { Knex } from 'knex'
import type { Actor } from '../authority/actor.js'
import { isSessionToken, isWellFormed, lookupOf } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'

/**
 * Returns the actor for an `Authorization` header.
 * @throws DomainError `unauthenticated`, always with the same message, so as not to reveal which part was wrong.
 */
export type Authenticate = (authorization: string | undefined) => Promise<Actor>

/** Keeps argon2 off the hot path, and still lets a revocation take effect everywhere within 5 s. */
const REMEMBERED_MILLISECONDS = 4_000
const MAX_REMEMBERED = 10_000
const LAST_USED_SECONDS = 60

type Proven = { actor: Actor; apiKeyHash: string }
/** A finished or pending proof, and how long it is valid: no longer than the key itself. */
type Remembered = { proven: Promise<Proven>; until: number }

/** Creates authentication against a database. After `recheck`, every remembered key is read again on its next use. */
export function createAuthenticate(parts: CredentialParts): { authenticate: Authenticate; recheck(): void } {
  const { db, secret, now } = parts
  const remembered = new Map<string, Remembered>()

  async function apiKeyActor(apiKey: string): Promise<Actor> {
    // A plain hash is enough in memory: the HMAC for database lookups costs several times as much.
    const fingerprint = hash('sha256', apiKey, 'base64url')
    for (;;) {
      const known = remembered.get(fingerprint)
      const current = known && known.until > now() ? known : prove(fingerprint, apiKey, known)
      const { actor } = await current.proven
      // Argon2 may have waited so long that this proof is no longer valid; the next one does not need argon2.
      if (current.until > now()) return actor
    }
  }

  function prove(fingerprint: string, apiKey: string, earlier: Remembered | undefined): Remembered {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    const begin = now()
    const current: Remembered = {
      until: begin + REMEMBERED_MILLISECONDS,
      proven: proveApiKey(parts, apiKey, earlier?.proven).then(({ usableMilliseconds, ...proven }) => {
        current.until = Math.min(current.until, begin + usableMilliseconds)
        return proven
      }),
    }
    remembered.set(fingerprint, current)
    current.proven.catch((error: unknown) => {
      if (remembered.get(fingerprint) !== current) return
      // A database error says nothing about the key, so keep the earlier proof for the next attempt.
      if (earlier && !(error instanceof DomainError)) remembered.set(fingerprint, earlier)
      else remembered.delete(fingerprint)
    })
    return current
  }

  return {
    async authenticate(authorization) {
      const credential = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization ?? '')?.[1]
      if (!credential || !isWellFormed(credential)) throw unauthenticated()
      return isSessionToken(credential) ? sessionActor(db, lookupOf(secret, credential)) : apiKeyActor(credential)
    },
    recheck() {
      for (const each of remembered.values()) each.until = Number.NEGATIVE_INFINITY
    },
  }
}

/** Reads the key from the database; skips argon2 when the stored proof is the one that the key passed `earlier`. */
async function proveApiKey(
  { db, secret, proofs }: CredentialParts,
  apiKey: string,
  earlier: Promise<Proven> | undefined,
): Promise<Proven & { usableMilliseconds: number }> {
  const candidate = await findApiKeyByLookup(db, lookupOf(secret, apiKey))
  if (!candidate) throw unauthenticated()
  const { apiKeyHash, user, apiKey: key, usableMilliseconds } = candidate
  const passed = await earlier?.catch(() => undefined)
  if (passed?.apiKeyHash !== apiKeyHash && !(await proofs.check(apiKeyHash, apiKey, user.id))) throw unauthenticated()
  // lastUsedAt is informational, so a failed write must not fail authentication.
  touchApiKey(db, scopeTo({ userId: user.id }), key.id, LAST_USED_SECONDS).catch(() => undefined)
  const { id: userId, role } = user
  const actor: Actor = { userId, role, apiKeyId: key.id, sessionId: null, scopes: key.scopes, projectId: null }
  return { actor, apiKeyHash, usableMilliseconds }
}

async function sessionActor(db: Knex, tokenLookup: string): Promise<Actor> {
  const found = await findSessionByLookup(db, tokenLookup)
  if (found?.session.status !== 'active') throw unauthenticated()
  const { session, apiKeyId, user } = found
  const { id: sessionId, projectId } = session
  const { id: userId, role } = user
  return { userId, role, apiKeyId, sessionId, scopes: ['read', 'write'], projectId }
}

/** Returns the error for every credential that is not, or no longer, valid. */
export function unauthenticated(): DomainError {
  return new DomainError('unauthenticated', 'a valid API key or session token is required: Authorization: Bearer …')
}
