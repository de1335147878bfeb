import { type ApiKeyScope, DomainError, type Role, type UpdateUserInput } from '@mgx/contract'
import { EVERYTHING, type Scope, scopeTo } from '@mgx/db'

/** Who calls, and what the credential allows. */
export type Actor = {
  readonly userId: number
  readonly role: Role
  /** The API key, or the one that made the session. */
  readonly apiKeyId: number
  /** The session, when the call comes with one; null for an API key. */
  readonly sessionId: number | null
  readonly scopes: readonly ApiKeyScope[]
  /** Set when the credential is bound to one project. */
  readonly projectId: number | null
}

export const ADMINS_ONLY = 'only an admin may do this'

/** Admins act as such unless their credential is bound to one project. */
export function isAdmin({ role, projectId }: Actor): boolean {
  return role === 'admin' && projectId === null
}

/** The rows that an actor may see and change. */
export function scopeOf({ role, userId, projectId }: Actor): Scope {
  if (role === 'admin') return projectId === null ? EVERYTHING : scopeTo({ projectId })
  return scopeTo(projectId === null ? { userId } : { userId, projectId })
}

/** The users that an actor may see: all of them for an admin, else only itself, also when bound to one project. */
export function userScopeOf(actor: Actor): Scope {
  return isAdmin(actor) ? EVERYTHING : scopeTo({ userId: actor.userId })
}

/** The user a call is for: the caller, or, for admins, whomever they name. @throws DomainError `forbidden`. */
export function ownerOf(caller: Actor, named: number | undefined): number {
  if (named === undefined || named === caller.userId) return caller.userId
  if (!isAdmin(caller)) throw new DomainError('forbidden', ADMINS_ONLY)
  return named
}

/** @throws DomainError `forbidden` when somebody else than an admin changes what is for admins. */
export function requireMayUpdate(caller: Actor, { role, spendingLimit }: UpdateUserInput): void {
  if (isAdmin(caller) || (role === undefined && spendingLimit === undefined)) return
  throw new DomainError('forbidden', 'only an admin may change a role or a spending limit')
}

/** A credential must not make one that may do more than itself. @throws DomainError `forbidden`. */
export function requireScopes(caller: Actor, scopes: readonly ApiKeyScope[]): void {
  const excess = scopes.find((scope) => !caller.scopes.includes(scope))
  if (excess) throw new DomainError('forbidden', `the calling key may not ${excess}, so it cannot let another do so`)
}
