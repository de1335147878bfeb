import type { ApiKeyScope, Role } from '@mgx/contract'
import { findActiveSession, renewTokenLookup, type SessionCandidate, scopeTo } from '@mgx/db'
import { highest, lowest, scopeOfRole } from '../authority/scopes.js'
import { lookupsOf } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'
import type { Proof } from './remembered-proofs.js'
import { unauthenticated } from './unauthenticated.js'

/** Reads the session of a token from the database. @throws DomainError `unauthenticated`. */
export async function proveSession({ db, secrets }: CredentialParts, token: string): Promise<Proof> {
  const lookups = lookupsOf(secrets, token)
  const candidate = await findActiveSession(db, lookups)
  if (!candidate) throw unauthenticated()
  const { session, user, apiKey, identityId, kind, tokenLookup, usableMilliseconds } = candidate
  const role = candidate.role ?? user.role
  const [current = tokenLookup] = lookups
  // It may not fail a call: the next proof tries again.
  if (tokenLookup !== current) {
    await renewTokenLookup(db, scopeTo({ userId: user.id }), session.id, current).catch(() => undefined)
  }
  return {
    actor: {
      userId: user.id,
      role,
      credential: {
        kind: 'session',
        sessionId: session.id,
        apiKeyId: apiKey?.id ?? null,
        identityId,
        isSignIn: kind === 'cookie',
        isNamedAdmin: candidate.role === 'admin',
      },
      scope: scopeOfSession(candidate, role),
      projectId: session.projectId,
      callsPerMinute: apiKey?.callsPerMinute ?? null,
    },
    usableMilliseconds,
    verified: '',
  }
}

/** A session may do what opened it may; one that is bound to a project may only spend and read there. */
function scopeOfSession({ session, apiKey, scope }: SessionCandidate, role: Role): ApiKeyScope {
  const opener = apiKey ? highest(apiKey.scopes) : (scope ?? 'read')
  const most = lowest(opener, scopeOfRole(role))
  return session.projectId === null ? most : lowest(most, 'record')
}
