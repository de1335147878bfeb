import { type ApiKeyCandidate, findUsableApiKey, renewApiKeyLookup, scopeTo, touchApiKey } from '@mgx/db'
import { highest, lowest, scopeOfRole } from '../authority/scopes.js'
import { lookupsOf } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'
import type { Proof } from './remembered-proofs.js'
import { unauthenticated } from './unauthenticated.js'

/** `lastUsedAt` is written at most once in so many seconds. */
const LAST_USED_SECONDS = 60

/**
 * Reads the key from the database; skips argon2 when the stored proof is the one that the key passed `earlier`.
 * @throws DomainError `unauthenticated`; whatever `KeyProofs` throws.
 */
export async function proveApiKey(parts: CredentialParts, apiKey: string, earlier: Proof | undefined): Promise<Proof> {
  const { db, secrets, proofs } = parts
  const lookups = lookupsOf(secrets, apiKey)
  const candidate = await findUsableApiKey(db, { lookups })
  if (!candidate) throw unauthenticated()
  const { apiKeyHash, lookup, user, apiKey: key } = candidate
  if (earlier?.verified !== apiKeyHash && !(await proofs.check(apiKeyHash, apiKey, user.id))) throw unauthenticated()
  const [current = lookup] = lookups
  // Neither of these may fail a call: the next proof tries again.
  const own = scopeTo({ userId: user.id })
  if (lookup !== current) await renewApiKeyLookup(db, own, key.id, current).catch(() => undefined)
  touchApiKey(db, own, key.id, LAST_USED_SECONDS).catch(() => undefined)
  return {
    actor: { ...rightsOfKey(candidate), credential: { kind: 'apiKey', apiKeyId: key.id } },
    usableMilliseconds: candidate.usableMilliseconds,
    verified: apiKeyHash,
  }
}

/** Returns who calls with a key, and what it may do: never more than the role of its user. */
export function rightsOfKey({ apiKey, user }: Pick<ApiKeyCandidate, 'apiKey' | 'user'>) {
  const { projectId, callsPerMinute } = apiKey
  const { id: userId, role } = user
  const scope = lowest(highest(apiKey.scopes), scopeOfRole(role))
  return { userId, role, scope, projectId, callsPerMinute }
}
