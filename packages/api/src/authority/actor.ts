import { type ApiKeyScope, DomainError, type Role, type UpdateUserInput } from '@mgx/contract'
import { EVERYTHING, type Scope, type SessionOpener, scopeTo } from '@mgx/db'

/** What a call was authenticated with. */
export type Credential =
  | { readonly kind: 'apiKey'; readonly apiKeyId: number }
  /** The key, or the account of another provider, that opened the session. */
  | {
      readonly kind: 'session'
      readonly sessionId: number
      readonly apiKeyId: number | null
      readonly identityId: number | null
      /** Whether a person signed in to the browser with it, so that it may do what an API key may. */
      readonly isSignIn: boolean
      /** Whether another provider's claim made the person an admin for the session. */
      readonly isNamedAdmin: boolean
    }
  /** An access token of ours, valid until `expiresAt`; `apiKeyId` is the key that it was issued for. */
  | { readonly kind: 'accessToken'; readonly apiKeyId: number; readonly expiresAt: string }
  /** A token of another issuer, valid until `expiresAt`; `isNamedAdmin` if the token itself names its user an admin. */
  | {
      readonly kind: 'identity'
      readonly identityId: number
      readonly isNamedAdmin: boolean
      readonly expiresAt: string
    }

/** The authenticated caller, and what its credential allows. */
export type Actor = {
  readonly userId: number
  readonly role: Role
  readonly credential: Credential
  /** What the credential may do: this scope and those before it in the ladder. */
  readonly scope: ApiKeyScope
  /** Set when the credential is bound to one project. */
  readonly projectId: number | null
  /** The most calls a minute of the API key; null when the server's own limit holds. */
  readonly callsPerMinute: number | null
}

/** An actor that presented an API key. */
export type KeyHolder = Actor & { readonly credential: { readonly kind: 'apiKey' } }

export const ADMINS_ONLY = 'only an admin may do this'

/**
 * Whether the actor has the rights of an admin, which needs the role and the scope `admin`. A credential that is bound to
 * one project never has them.
 */
export function isAdmin({ role, scope, projectId }: Actor): boolean {
  return role === 'admin' && scope === 'admin' && projectId === null
}

/** Returns the scope of rows that an actor may see and change. */
export function scopeOf(actor: Actor): Scope {
  if (isAdmin(actor)) return EVERYTHING
  const { role, userId, projectId } = actor
  if (projectId === null) return scopeTo({ userId })
  // An admin may bind a credential to any project.
  return scopeTo(role === 'admin' ? { projectId } : { userId, projectId })
}

/**
 * Returns the scope of users that an actor may see: all for an admin, else only itself, even when bound to a project.
 */
export function userScopeOf(actor: Actor): Scope {
  return isAdmin(actor) ? EVERYTHING : scopeTo({ userId: actor.userId })
}

/** Returns the user a call is for: the caller, or the user `named` by an admin. @throws DomainError `forbidden`. */
export function ownerOf(caller: Actor, named: number | undefined): number {
  if (named === undefined || named === caller.userId) return caller.userId
  if (!isAdmin(caller)) throw new DomainError('forbidden', ADMINS_ONLY)
  return named
}

/** @throws DomainError `forbidden` when a caller who is not an admin changes a field reserved for admins. */
export function requireMayUpdate(caller: Actor, { role, spendingLimit }: UpdateUserInput): void {
  if (isAdmin(caller) || (role === undefined && spendingLimit === undefined)) return
  throw new DomainError('forbidden', 'only an admin may change a role or a spending limit')
}

/** Returns what opens a session for the caller: an API key, or another provider's account. */
export function openerOf({ credential, scope }: Actor): SessionOpener {
  const { apiKeyId, identityId } = { apiKeyId: null, identityId: null, ...credential }
  if (apiKeyId !== null) return { apiKeyId }
  if (identityId !== null) return { identityId, scope }
  throw new Error('a credential hangs on an API key or on an identity')
}

/** Returns the name under which a caller's calls and streams are counted: sessions and tokens count with their key. */
export function limitedBy({ credential, userId }: Actor): string {
  if (credential.kind === 'identity') return credentialName(credential)
  return credential.apiKeyId === null ? `user:${userId}` : `apiKey:${credential.apiKeyId}`
}

/** Returns the name of a credential in the audit log, such as `apiKey:7`. */
export function credentialName(credential: Credential): string {
  const { kind } = credential
  if (kind === 'session') return `${kind}:${credential.sessionId}`
  return `${kind}:${kind === 'identity' ? credential.identityId : credential.apiKeyId}`
}
