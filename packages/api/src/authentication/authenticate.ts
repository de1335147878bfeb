import { hash } from 'node:crypto'
import { DomainError } from '@mgx/contract'
import { findApiKeyByLookup, findSessionByLookup, scopeTo, touchApiKey } from '@mgx/db'
import type { Knex } from 'knex'
import type { Actor } from '../authority/actor.js'
import { isSessionToken, isWellFormed, lookupOf } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'

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
/** A proof, or one that is under way, and until when it holds: a key that expires earlier is read anew by then. */
type Remembered = { proven: Promise<Proven>; until: number }

/** Authentication against a database; `recheck` makes every remembered key be read anew when it is next used. */
export function createAuthenticate(parts: CredentialParts): { authenticate: Authenticate; recheck(): void } {
  const { db, secret, now } = parts
  const remembered = new Map<string, Remembered>()

  async function apiKeyActor(apiKey: string): Promise<Actor> {
    // Not the HMAC that finds a key in the database, which costs several times as much and is not needed in memory.
    const fingerprint = hash('sha256', apiKey, 'base64url')
    for (;;) {
      const known = remembered.get(fingerprint)
      const current = known && known.until > now() ? known : prove(fingerprint, apiKey, known)
      const { actor } = await current.proven
      // Argon2 may have waited for so long that the key has ended in the meantime; the next proof does without it.
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
      // A database that cannot be asked says nothing about the key: what it has passed is kept for the next time.
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

/** Reads the key anew; argon2 is spared when the stored proof is the one that this key has passed `earlier`. */
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
  // Only told to people: a database that refuses writes must still serve reads.
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

/** The refusal of every credential that is not valid, or no longer. */
export function unauthenticated(): DomainError {
  return new DomainError('unauthenticated', 'a valid API key or session token is required: Authorization: Bearer …')
}
