import { type ApiKey, type ApiKeyScope, type CreateUserInput, DomainError, type User } from '@mgx/contract'
import { createApiKey, createUser, domainErrorOf, findFirstAdmin, type NewApiKey, revokeApiKey } from '@mgx/db'
import type { Knex } from 'knex'
import { lookupOf, newApiKey, proofOf, requireUsableKey, shownPrefix } from './authentication/credentials.js'
import type { Services } from './context.js'

const CONFIGURED_KEY = { name: 'configured', scopes: ['read', 'write'] satisfies ApiKeyScope[] }
const FIRST_ADMIN = { username: 'admin', email: 'admin@localhost.local', role: 'admin', spendingLimit: null } as const

/**
 * Makes a user and their first API key, both or neither; answers the plain key unless the caller chose it.
 * @throws DomainError `invalid_input` for a chosen key that cannot be used; UniqueViolationError (answered as
 * `conflict`) for a name, email or key that is taken.
 */
export async function createUserWithKey(
  { db, secret }: Pick<Services, 'db' | 'secret'>,
  { apiKey, ...user }: CreateUserInput,
): Promise<{ user: User; apiKey: string | null }> {
  const plain = apiKey ?? newApiKey()
  const stored = await storedKey(secret, plain)
  const created = await db.transaction(async (trx) => {
    const row = await createUser(trx, user)
    await createApiKey(trx, { ...stored, userId: row.id, name: 'first', scopes: ['read', 'write'] })
    return row
  })
  return { user: created, apiKey: apiKey === undefined ? plain : null }
}

/** Makes another API key of a user, revoking the one it replaces; the plain key is answered once and never stored. */
export async function issueApiKey(
  db: Knex,
  secret: string,
  key: Pick<NewApiKey, 'userId' | 'name' | 'scopes' | 'expiresAt'>,
  replacedId?: number,
): Promise<{ apiKey: ApiKey; key: string }> {
  const plain = newApiKey()
  const stored = await storedKey(secret, plain)
  const apiKey = await db.transaction(async (trx) => {
    if (replacedId !== undefined) await revokeApiKey(trx, replacedId)
    return createApiKey(trx, { ...stored, ...key })
  })
  return { apiKey, key: plain }
}

/**
 * Makes the first admin of a new database, with the given key or a new one. Undefined when there is an admin already
 * (also one that another server made at the same moment), who then gets the given key, unless it was known before: that
 * is how a lost key is replaced.
 */
export async function ensureAdmin(
  services: Pick<Services, 'db' | 'secret'>,
  apiKey?: string,
): Promise<{ user: User; apiKey: string | null } | undefined> {
  const { db, secret } = services
  try {
    const admin = await findFirstAdmin(db)
    if (!admin) return await createUserWithKey(services, { ...FIRST_ADMIN, apiKey })
    if (apiKey) await createApiKey(db, { ...(await storedKey(secret, apiKey)), ...CONFIGURED_KEY, userId: admin.id })
  } catch (error) {
    if (domainErrorOf(db, error)?.reason !== 'conflict') throw error
  }
  return undefined
}

async function storedKey(secret: string, plain: string): Promise<Pick<NewApiKey, 'prefix' | 'lookup' | 'apiKeyHash'>> {
  requireUsableKey(plain)
  return { prefix: shownPrefix(plain), lookup: lookupOf(secret, plain), apiKeyHash: await proofOf(plain) }
}

/** The user a call is for: the caller, or, for admins, whomever they name. @throws DomainError `forbidden`. */
export function ownerOf(caller: { userId: number }, isAdmin: boolean, named: number | undefined): number {
  if (named === undefined || named === caller.userId) return caller.userId
  if (!isAdmin) throw new DomainError('forbidden', 'only an admin may act for another user')
  return named
}
