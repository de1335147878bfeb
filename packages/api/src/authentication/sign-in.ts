import type { User } from '@mgx/contract'
import { closeSession, EVERYTHING, findActiveSession, getUser, type Requester, type SessionOpener } from '@mgx/db'
import { credentialName } from '../authority/actor.js'
import type { Authenticate } from './authenticate.js'
import { lookupsOf } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'
import { identify } from './identify.js'
import type { IdentityClaims } from './identity-claims.js'
import { openSession } from './issue.js'
import { unauthenticated } from './unauthenticated.js'

/** The request of a sign-in or sign-out. */
export type SignInRequest = Pick<Requester, 'requestId' | 'address'>

/** A person who has signed in. The browser keeps the token of the session in a cookie. */
export type SignedIn = { readonly user: User; readonly token: string; readonly expiresAt: string }

/** Opens and closes the sessions of people in browsers. */
export type SignIn = {
  /**
   * Opens a session with an API key. It ends with the key, and is bound to the key's project if the key is.
   * @throws DomainError `unauthenticated`; `rate_limited` after too many wrong keys from this address.
   */
  withApiKey(apiKey: string, request: SignInRequest): Promise<SignedIn>
  /**
   * Opens a session with an account of the configured issuer, by verified claims. An admin whom only the claims name one
   * stays an admin for an hour.
   * @throws DomainError `unauthenticated` for an unknown account.
   */
  withIdentity(claims: IdentityClaims, request: SignInRequest): Promise<SignedIn>
  /** Closes the session of a browser's token, if there is one that is active. */
  end(token: string, request: SignInRequest): Promise<void>
}

const HOUR_SECONDS = 3_600
const SESSION_SECONDS = 12 * HOUR_SECONDS

type Opening = SignInRequest & { credential: string; ttlSeconds?: number; projectId?: number | null }

/** `recheck` makes a user's remembered credentials be read again. */
export function createSignIn(
  parts: CredentialParts,
  authenticate: Authenticate,
  recheck: (userId: number) => void,
): SignIn {
  const { db, secrets } = parts

  async function open(user: User, opener: SessionOpener, opening: Opening): Promise<SignedIn> {
    const { ttlSeconds = SESSION_SECONDS, projectId = null, ...request } = opening
    const requester = { actor: `user:${user.id}`, ...request }
    const toOpen = { kind: 'cookie', ttlSeconds, projectId, ...opener } as const
    const { session, token } = await openSession(parts, user.id, toOpen, requester)
    return { user, token, expiresAt: session.expiresAt }
  }

  return {
    async withApiKey(apiKey, request) {
      const { userId, credential, projectId } = await authenticate({
        authorization: `Bearer ${apiKey}`,
        address: request.address,
      })
      if (credential.kind !== 'apiKey') throw unauthenticated()
      const user = await getUser(db, EVERYTHING, userId)
      return open(
        user,
        { apiKeyId: credential.apiKeyId },
        { ...request, credential: credentialName(credential), projectId },
      )
    },

    async withIdentity(claims, request) {
      const { user, identityId, scope, isNamedAdmin } = await identify(parts, claims)
      const isPromoted = isNamedAdmin && user.role !== 'admin'
      const opener = { identityId, scope, role: isPromoted ? ('admin' as const) : undefined }
      const ttlSeconds = isPromoted ? HOUR_SECONDS : SESSION_SECONDS
      return open(user, opener, { ...request, credential: `identity:${identityId}`, ttlSeconds })
    },

    async end(token, request) {
      const found = await findActiveSession(db, lookupsOf(secrets, token))
      if (found?.kind !== 'cookie') return
      const { id, userId } = found.session
      const requester = { actor: `user:${userId}`, credential: `session:${id}`, ...request }
      await closeSession(db, EVERYTHING, id, requester, 'auth.signOut')
      recheck(userId)
    },
  }
}
