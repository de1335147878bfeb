import { DomainError } from '@mgx/contract'
import type { Actor, KeyHolder } from '../authority/actor.js'
import type { AuthenticationFailure } from '../observer.js'
import { type AccessTokens, proveAccessToken } from './access-token.js'
import { isSessionToken, isWellFormed } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'
import { type FailureLimit, limitFailures } from './failure-limit.js'
import { createIssuerKeys } from './issuer-keys.js'
import { proveApiKey } from './prove-api-key.js'
import { proveIssuerToken } from './prove-issuer-token.js'
import { proveSession } from './prove-session.js'
import { type Proof, rememberProofs } from './remembered-proofs.js'
import { claimedIssuer } from './token-format.js'
import { unauthenticated } from './unauthenticated.js'

/** The credential of a request, and where the request comes from. */
export type Presented = {
  /** The header `Authorization`. */
  readonly authorization: string | undefined
  /** The session token in the cookie of a same-origin request; counts only when there is no `Authorization`. */
  readonly cookie?: string | undefined
  /** The network address of the caller; null when there is no network. */
  readonly address: string | null
}

/**
 * Returns the actor of a request.
 * @throws DomainError `unauthenticated`, always with the same message, so as not to reveal which part was wrong;
 *   `rate_limited` when too many wrong credentials came from the address and this one is not proven in this process.
 */
export type Authenticate = (presented: Presented) => Promise<Actor>

/** An OAuth client that authenticates with an API key: the key's id and the key itself. */
export type PresentedClient = {
  readonly clientId: string
  readonly clientSecret: string
  readonly address: string | null
}

export type Authentication = {
  readonly authenticate: Authenticate
  /** Returns the actor of an OAuth client. @throws as {@link Authenticate}. */
  authenticateClient(client: PresentedClient): Promise<KeyHolder>
  /** Makes a user's remembered credentials be read again on their next use, on every server. */
  recheck(userId: number): void
  /** Runs an attempt to authenticate from an address. See {@link FailureLimit}. */
  readonly attempt: FailureLimit['attempt']
}

/** Creates authentication against a database. */
export function createAuthentication(parts: CredentialParts, tokens: AccessTokens): Authentication {
  const prove = proving(parts, tokens)
  const proofs = rememberProofs(parts.now)
  const { sharedState } = parts
  const failures = limitFailures(parts.failuresPerMinute, parts.onFailure, sharedState)
  sharedState.listen('recheck', (userIds) => userIds.forEach(proofs.recheck))

  async function actorOf(credential: string | undefined, address: string | null): Promise<Actor> {
    const attempt = <Result>(work: () => Promise<Result>) => failures.attempt(address, work)
    if (credential === undefined) return attempt(refuse)
    return proofs.actorOf(credential, (earlier) => prove(credential, earlier), attempt)
  }

  async function clientOf(credential: string | undefined, { clientId, address }: PresentedClient): Promise<KeyHolder> {
    const actor = await actorOf(credential, address)
    if (isKeyHolder(actor) && String(actor.credential.apiKeyId) === clientId) return actor
    return failures.attempt(address, refuse)
  }

  /** Tells why a request is not authenticated. */
  async function told<Result>(failure: () => AuthenticationFailure, result: Promise<Result>): Promise<Result> {
    try {
      return await result
    } catch (error) {
      if (error instanceof DomainError && error.reason === 'unauthenticated') parts.onUnauthenticated(failure())
      throw error
    }
  }

  return {
    authenticate({ authorization, cookie, address }) {
      if (authorization === undefined && cookie === undefined) return told(() => 'missing', refuse())
      const credential = authorization === undefined ? cookie : bearerIn(authorization)
      return told(() => failureOf(credential), actorOf(credential, address))
    },
    authenticateClient(client) {
      const credential = bearerIn(`Bearer ${client.clientSecret}`)
      return told(() => failureOf(credential), clientOf(credential, client))
    },
    attempt: (address, work) => told(() => 'rejected', failures.attempt(address, work)),
    recheck(userId) {
      proofs.recheck(userId)
      sharedState.tell('recheck', [userId])
    },
  }
}

function failureOf(credential: string | undefined): AuthenticationFailure {
  return credential !== undefined && isWellFormed(credential) ? 'rejected' : 'malformed'
}

const MAX_CREDENTIAL_LENGTH = 8_192

function bearerIn(authorization: string): string | undefined {
  const credential = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization)?.[1]
  return credential && credential.length <= MAX_CREDENTIAL_LENGTH ? credential : undefined
}

/** Returns a function that proves a credential in the way that its format calls for. */
function proving(parts: CredentialParts, tokens: AccessTokens) {
  const { oidc, now } = parts
  const other = oidc && { oidc, keys: createIssuerKeys(oidc.issuer, now) }
  return async (credential: string, earlier: Proof | undefined): Promise<Proof> => {
    if (!isWellFormed(credential)) throw unauthenticated()
    if (isSessionToken(credential)) return proveSession(parts, credential)
    const token = claimedIssuer(credential)
    if (!token) return proveApiKey(parts, credential, earlier)
    if (token.iss === tokens.issuer) return proveAccessToken(parts, tokens, credential, earlier)
    if (other && token.iss === other.oidc.issuer) return proveIssuerToken(parts, other, credential, earlier)
    throw unauthenticated()
  }
}

function isKeyHolder(actor: Actor): actor is KeyHolder {
  return actor.credential.kind === 'apiKey'
}

const refuse = () => Promise.reject<never>(unauthenticated())
