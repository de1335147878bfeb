import { ApiKeyScope, DomainError, type Role } from '@mgx/contract'
import type { Actor } from './actor.js'

/** The scopes from the least to the most; each includes those before it. */
const ladder = ApiKeyScope.options

/** Whether a scope includes another. */
export function includes(scope: ApiKeyScope, other: ApiKeyScope): boolean {
  return ladder.indexOf(scope) >= ladder.indexOf(other)
}

/** Returns the scope that includes all of these; `read` for none. */
export function highest(scopes: readonly ApiKeyScope[]): ApiKeyScope {
  return scopes.reduce((most, scope) => (includes(most, scope) ? most : scope), 'read')
}

/** Returns the scope that all of these include. */
export function lowest(first: ApiKeyScope, ...others: ApiKeyScope[]): ApiKeyScope {
  return others.reduce((least, scope) => (includes(least, scope) ? scope : least), first)
}

/** Returns the most that a credential of a user with this role may do, which is also what one may do by default. */
export function scopeOfRole(role: Role): ApiKeyScope {
  return role === 'admin' ? 'admin' : 'write'
}

/** @throws DomainError `forbidden` when a credential would create one with a higher scope than its own. */
export function requireScopes({ scope }: Actor, scopes: readonly ApiKeyScope[]): void {
  const excess = scopes.find((each) => !includes(scope, each))
  if (excess)
    throw new DomainError(
      'forbidden',
      `the credential does not have the scope \`${excess}\`, so it cannot create one that has it`,
    )
}
