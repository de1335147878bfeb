import type { CreateIdentityInput, CreateUserInput, Identity, Page, PageInput, User } from '@mgx/contract'
import type { Knex } from 'knex'
import { auditEntity, type Requester } from '../audit/audit-log.js'
import { dialectOf } from '../dialect/dialect.js'
import { rejectTaken } from '../errors.js'
import { IdentityModel, SessionModel } from '../models/models.js'
import { page } from '../page.js'
import { EVERYTHING, narrow, type Scope } from '../scope.js'
import { createUser, getUser } from './users.js'

/** An identity is a matter of its user. */
const owner = { userId: 'userId' }

/** The account at its issuer, which names an identity. */
export type IdentityName = Pick<Identity, 'issuer' | 'subject'>

/** Links an account of an issuer to a user. @throws DomainError `not_found` for the user; `conflict` when it is linked. */
export async function createIdentity(db: Knex, input: CreateIdentityInput, requester: Requester): Promise<Identity> {
  return db.transaction(async (trx) => {
    await getUser(trx, EVERYTHING, input.userId)
    const created = await insertIdentity(trx, input)
    await auditEntity(trx, 'identity', { ...requester, action: 'identities.create', before: null, after: created })
    return created
  })
}

/** Creates a user and the user's first identity, both or neither. @throws as `createUser` and `createIdentity`. */
export async function createUserWithIdentity(
  db: Knex,
  input: Omit<CreateUserInput, 'apiKey'>,
  name: IdentityName,
  requester: Requester,
): Promise<User> {
  return createUser(db, input, requester, (trx, userId) => insertIdentity(trx, { ...name, userId }))
}

/** Inserts an identity without an entry in the audit log. */
async function insertIdentity(trx: Knex.Transaction, row: CreateIdentityInput): Promise<Identity> {
  return (await IdentityModel.query(trx).insert(row).returning('*').catch(rejectTaken)).toEntity()
}

/** Returns the identity with this name and its user, who may be deactivated; undefined when it is not linked. */
export async function findIdentity(
  db: Knex,
  name: IdentityName,
): Promise<{ identity: Identity; user: User } | undefined> {
  const found = await IdentityModel.query(db).findOne(name)
  return found && { identity: found.toEntity(), user: await getUser(db, EVERYTHING, found.userId) }
}

/** Returns which of these identities are in scope and linked. */
export async function linkedIdentityIds(db: Knex, scope: Scope, ids: readonly number[]): Promise<number[]> {
  const rows = await narrow(IdentityModel.query(db), scope, owner).whereIn('id', ids).select('id')
  return rows.map(({ id }) => id)
}

/** Returns a page of a user's identities in scope, newest first. */
export async function listIdentities(
  db: Knex,
  scope: Scope,
  userId: number,
  input: PageInput,
): Promise<Page<Identity>> {
  return page(narrow(IdentityModel.query(db).where({ userId }), scope, owner), input)
}

/**
 * Removes an identity in scope, and closes the sessions that were opened with it.
 * @throws DomainError `not_found`.
 */
export async function removeIdentity(db: Knex, scope: Scope, id: number, requester: Requester): Promise<Identity> {
  return db.transaction(async (trx) => {
    // Sessions are opened with it before or after, not meanwhile.
    const found = narrow(IdentityModel.query(trx), scope, owner).findById(id).forUpdate().throwIfNotFound()
    const before = (await found).toEntity()
    const opened = { identityId: id }
    await SessionModel.query(trx)
      .patch({ status: 'closed' })
      .where({ ...opened, status: 'active' })
      .where('expiresAt', '>', trx.raw(dialectOf(trx).now))
    await SessionModel.query(trx).patch({ identityId: null }).where(opened)
    await IdentityModel.query(trx).deleteById(id)
    await auditEntity(trx, 'identity', { ...requester, action: 'identities.remove', before, after: {} })
    return before
  })
}
