import { type ApiKey, type ApiKeyScope, type CreateUserInput, invalidField, type User } from '@mgx/contract'
import {
  createApiKey,
  createUser,
  domainErrorOf,
  findApiKeyByLookup,
  findFirstAdmin,
  type NewApiKey,
  replaceApiKey,
} from '@mgx/db'
import type { Knex } from 'knex'
import type { Services } from '../context.js'
import { lookupOf, newApiKey, requireUsableKey, shownPrefix } from './credentials.js'
import { proofOf } from './proofs.js'

const CONFIGURED_KEY = { name: 'configured', scopes: ['read', 'write'] satisfies ApiKeyScope[] }
const FIRST_ADMIN = { username: 'admin', email: 'admin@localhost.local', role: 'admin', spendingLimit: null } as const

/**
 * Makes a user and their first API key, both or neither; answers the plain key unless the caller chose it. `callerId` is
 * the user who asks for it; undefined when the process itself does.
 * @throws DomainError `invalid_input` for a chosen key that cannot be used; UniqueViolationError (answered as
 * `conflict`) for a name, email or key that is taken; as `proofOf`.
 */
export async function createUserWithKey(
  { db, secret }: Pick<Services, 'db' | 'secret'>,
  { apiKey, ...user }: CreateUserInput,
  callerId?: number,
): Promise<{ user: User; apiKey: string | null }> {
  const plain = apiKey ?? newApiKey()
  const stored = await storedKey(secret, plain, callerId)
  const created = await db.transaction(async (trx) => {
    const row = await createUser(trx, user)
    await createApiKey(trx, { ...stored, userId: row.id, name: 'first', scopes: ['read', 'write'] })
    return row
  })
  return { user: created, apiKey: apiKey === undefined ? plain : null }
}

/**
 * Makes another API key of a user, revoking the one it replaces; the plain key is answered once and never stored.
 * `callerId` is the user who asks for it.
 * @throws DomainError as `proofOf`.
 */
export async function issueApiKey(
  { db, secret }: Pick<Services, 'db' | 'secret'>,
  callerId: number,
  key: Pick<NewApiKey, 'userId' | 'name' | 'scopes' | 'expiresAt'>,
  replacedId?: number,
): Promise<{ apiKey: ApiKey; key: string }> {
  const plain = newApiKey()
  const stored = await storedKey(secret, plain, callerId)
  const apiKey =
    replacedId === undefined
      ? await createApiKey(db, { ...stored, ...key })
      : await replaceApiKey(db, replacedId, { ...stored, ...key })
  return { apiKey, key: plain }
}

/**
 * Makes the first admin of a new database, with the given key or a new one. Undefined when there is an admin already
 * (also one that another server made at the same moment), who then gets the given key, unless it was known before: that
 * is how a lost key is replaced.
 * @throws DomainError `invalid_input` when the given key cannot be used or is a member's; `conflict` when a member has
 * the name that the admin would get.
 */
export async function ensureAdmin(
  { db, secret }: Pick<Services, 'db' | 'secret'>,
  apiKey?: string,
): Promise<{ user: User; apiKey: string | null } | undefined> {
  const admin = await findFirstAdmin(db)
  if (!admin) {
    return createUserWithKey({ db, secret }, { ...FIRST_ADMIN, apiKey }).catch(async (error: unknown) => {
      if (await findFirstAdmin(db)) return undefined
      throw domainErrorOf(db, error) ?? error
    })
  }
  if (apiKey && !(await isKeyOfAdmin(db, lookupOf(secret, apiKey)))) {
    const stored = await storedKey(secret, apiKey, undefined)
    try {
      await createApiKey(db, { ...stored, ...CONFIGURED_KEY, userId: admin.id })
    } catch (error) {
      if (domainErrorOf(db, error)?.reason !== 'conflict') throw error
      if (!(await isKeyOfAdmin(db, stored.lookup))) throw invalidField('apiKey', 'is revoked, or the key of a member')
    }
  }
  return undefined
}

async function isKeyOfAdmin(db: Knex, lookup: string): Promise<boolean> {
  return (await findApiKeyByLookup(db, lookup))?.user.role === 'admin'
}

async function storedKey(
  secret: string,
  plain: string,
  callerId: number | undefined,
): Promise<Pick<NewApiKey, 'prefix' | 'lookup' | 'apiKeyHash'>> {
  requireUsableKey(plain)
  return { prefix: shownPrefix(plain), lookup: lookupOf(secret, plain), apiKeyHash: await proofOf(plain, callerId) }
}
