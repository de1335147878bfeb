import { type ApiKeyScope, DomainError, type Role, type UpdateUserInput } from '@mgx/contract'
import { EVERYTHING, type Scope, scopeTo } from '@mgx/db'

/** The authenticated caller, and what its credential allows. */
export type Actor = {
  readonly userId: number
  readonly role: Role
  /** The API key of the call, or the one that created its session. */
  readonly apiKeyId: number
  /** The session of the call; null when the credential is an API key. */
  readonly sessionId: number | null
  readonly scopes: readonly ApiKeyScope[]
  /** Set when the credential is bound to one project. */
  readonly projectId: number | null
}

export const ADMINS_ONLY = 'only an admin may do this'

/** Whether the actor has the rights of an admin, which a credential bound to one project never has. */
export function isAdmin({ role, projectId }: Actor): boolean {
  return role === 'admin' && projectId === null
}

/** Returns the scope of rows that an actor may see and change. */
export function scopeOf({ role, userId, projectId }: Actor): Scope {
  if (role === 'admin') return projectId === null ? EVERYTHING : scopeTo({ projectId })
  return scopeTo(projectId === null ? { userId } : { userId, projectId })
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

/** @throws DomainError `forbidden` when a credential would create one with more scopes than its own. */
export function requireScopes(caller: Actor, scopes: readonly ApiKeyScope[]): void {
  const excess = scopes.find((scope) => !caller.scopes.includes(scope))
  if (excess)
    throw new DomainError('forbidden', `the calling key may not ${excess}, so it cannot create a credential that may`)
}
