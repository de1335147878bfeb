import { invalidField, type User } from '@mgx/contract'
import {
  createAdminKeyIfNone,
  createApiKey,
  domainErrorOf,
  EVERYTHING,
  findApiKeyOwner,
  findFirstAdmin,
  hasUsableAdminKey,
  SYSTEM,
  setApiKeyScopes,
} from '@mgx/db'
import { lookupsOf, newApiKey } from './credential-format.js'
import type { CredentialParts } from './credential-parts.js'
import { createUserWithKey, storedKey } from './issue.js'

/** Returns the first admin to create; later numbers are for databases in which a user already has the name or email. */
const firstAdmin = (number: number) => {
  const username = number === 1 ? 'admin' : `admin-${number}`
  return { username, email: `${username}@localhost.local`, role: 'admin', spendingLimit: null } as const
}

const MAX_NUMBER = 100

/** What `ensureAdmin` did so that an admin can call. */
export type AdminAccess = {
  /** Why the given key no longer works; undefined when it works, or when none was given. */
  ended: 'revoked' | 'expired' | 'deactivated' | undefined
  made: 'admin' | 'key' | undefined
  /** The plain key that was created; null when there is none, or when it is the given one. */
  apiKey: string | null
}

/**
 * Ensures that an admin can call. In a new database, creates the first admin with the given key or a new one (once,
 * even if several servers start together). An existing admin gets the given key, unless it is already known: that is
 * how a lost key is replaced. A known key of an admin gets the scope `admin`. A given key that has ended stays ended; a
 * new key is created only if no admin has a usable one.
 * @throws DomainError `invalid_input` when the given key cannot be used, belongs to a member or is bound to a project.
 */
export async function ensureAdmin(parts: CredentialParts, apiKey?: string, number = 1): Promise<AdminAccess> {
  const { db, secrets } = parts
  const findOwner = async () => (apiKey === undefined ? undefined : findApiKeyOwner(db, lookupsOf(secrets, apiKey)))
  const owner = await findOwner()
  if (owner && owner.user.role !== 'admin') throw invalidField('apiKey', 'is the key of a member')
  if (owner && owner.apiKey.projectId !== null) throw invalidField('apiKey', 'is bound to a project')
  const admin = await findFirstAdmin(db)
  try {
    if (!admin) {
      const first = await createUserWithKey(parts, { ...firstAdmin(number), apiKey }, { requester: SYSTEM })
      return { ended: undefined, made: 'admin', apiKey: first.apiKey }
    }
    if (owner?.ended) return { ended: owner.ended, ...(await restoreAccess(parts, admin)) }
    if (apiKey && !owner) {
      const key = { ...(await storedKey(parts, apiKey)), name: 'configured', scopes: ['admin'] as const }
      await createApiKey(db, admin.id, key, SYSTEM)
    }
    if (owner && !owner.apiKey.scopes.includes('admin'))
      await setApiKeyScopes(db, EVERYTHING, owner.apiKey.id, ['admin'])
    return { ended: undefined, made: undefined, apiKey: null }
  } catch (error) {
    const isTaken = domainErrorOf(db, error)?.reason === 'conflict'
    // Another server may have created the admin or the key in the meantime.
    if (isTaken && (admin ? await findOwner() : await findFirstAdmin(db))) return ensureAdmin(parts, apiKey)
    if (isTaken && !admin && number < MAX_NUMBER) return ensureAdmin(parts, apiKey, number + 1)
    throw domainErrorOf(db, error) ?? error
  }
}

/** Gives the admin a new key instead of the ended one, which may have been revoked because it leaked. */
async function restoreAccess(parts: CredentialParts, admin: User): Promise<Pick<AdminAccess, 'made' | 'apiKey'>> {
  const { db } = parts
  if (await hasUsableAdminKey(db)) return { made: undefined, apiKey: null }
  const apiKey = newApiKey()
  const key = { ...(await storedKey(parts, apiKey)), name: 'restored', scopes: ['admin'] as const }
  return (await createAdminKeyIfNone(db, admin.id, key)) ? { made: 'key', apiKey } : { made: undefined, apiKey: null }
}
