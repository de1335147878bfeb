import { type ApiKeyScope, type DomainError, identityName, type Role, type User } from '@mgx/contract'
import { createUserWithIdentity, domainErrorOf, findIdentity, type IdentityName, SYSTEM } from '@mgx/db'
import { lowest, scopeOfRole } from '../authority/scopes.js'
import type { CredentialParts } from './credential-parts.js'
import {
  grantedScope,
  type IdentityClaims,
  namesAdmin,
  placeholderEmail,
  suggestedEmail,
  suggestedUsername,
  withSuffix,
} from './identity-claims.js'
import { unauthenticated } from './unauthenticated.js'

/** Who signed in with an account of another issuer, and what that issuer's token allows. */
export type Identified = {
  readonly user: User
  readonly identityId: number
  /** The user's own role; `admin` also while the token names the user an admin. */
  readonly role: Role
  /** Whether the role comes from the token. */
  readonly isNamedAdmin: boolean
  readonly scope: ApiKeyScope
}

/**
 * Returns the user to whom the account in these verified claims is linked. Creates a member for an unknown account if the
 * configuration says so; never links one to an existing user, whose email or username it may only claim to have.
 * @throws DomainError `unauthenticated` for an unknown account and for a deactivated user.
 */
export async function identify(parts: CredentialParts, claims: IdentityClaims): Promise<Identified> {
  const { db, oidc } = parts
  const name = { issuer: claims.iss, subject: claims.sub }
  const found = (await findIdentity(db, name)) ?? (oidc?.createUsers ? await createMember(parts, claims) : undefined)
  if (!found || found.user.deactivatedAt !== null) throw unauthenticated()
  const { user, identity } = found
  const isNamedAdmin = namesAdmin(claims, oidc?.admin)
  const role = isNamedAdmin ? 'admin' : user.role
  const most = scopeOfRole(role)
  return { user, identityId: identity.id, role, isNamedAdmin, scope: lowest(most, grantedScope(claims) ?? most) }
}

/** So many names in a row are not taken by chance. */
const MAX_ATTEMPTS = 10

/** Creates a member with this account, or returns the one that another call created meanwhile. */
async function createMember({ db }: CredentialParts, claims: IdentityClaims) {
  const name: IdentityName = { issuer: claims.iss, subject: claims.sub }
  if (!identityName.issuer.safeParse(name.issuer).success || !identityName.subject.safeParse(name.subject).success)
    return undefined
  const wanted = suggestedUsername(claims)
  let username = wanted
  let email = suggestedEmail(claims) ?? placeholderEmail(claims, false)
  for (let attempt = 1; ; attempt += 1) {
    try {
      await createUserWithIdentity(db, { username, email, role: 'member', spendingLimit: null }, name, SYSTEM)
    } catch (error) {
      const taken = takenField(domainErrorOf(db, error))
      if (taken === undefined || attempt === MAX_ATTEMPTS) throw error
      if (taken === 'username') username = withSuffix(wanted)
      if (taken === 'email') email = placeholderEmail(claims, email.endsWith('.invalid'))
    }
    const created = await findIdentity(db, name)
    if (created) return created
  }
}

function takenField(error: DomainError | undefined): unknown {
  return error?.reason === 'conflict' ? error.details?.field : undefined
}
