import type { ApiKeyScope, Role } from '@mgx/contract'
import type { Scope } from '@mgx/db'

/** Who calls, and what the credential allows. */
export type Actor = {
  readonly userId: number
  readonly role: Role
  readonly via: 'apiKey' | 'session'
  readonly scopes: readonly ApiKeyScope[]
  /** Set when the credential is bound to one project. */
  readonly projectId: number | null
}

/** Admins act as such unless their credential is bound to one project. */
export function isAdmin({ role, projectId }: Actor): boolean {
  return role === 'admin' && projectId === null
}

/** The rows an actor may see. */
export function scopeOf(actor: Actor): Scope {
  if (isAdmin(actor)) return {}
  return { userId: actor.userId, ...(actor.projectId !== null && { projectId: actor.projectId }) }
}
