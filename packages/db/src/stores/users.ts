import {
  type CreateUserInput,
  DomainError,
  type ListUsersInput,
  notFound,
  type Page,
  type Role,
  type UpdateUserInput,
  type User,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { auditEntity, type Requester } from '../audit/audit-log.js'
import { dialectOf } from '../dialect/dialect.js'
import { rejectTaken } from '../errors.js'
import { UserModel } from '../models/models.js'
import { page } from '../page.js'
import { narrow, type Scope } from '../scope.js'
import { searchPage, whereContains } from '../search.js'
import { lockAdmins, requireAdminKeyLeft } from './usable-api-keys.js'

/**
 * Creates a user. `addCredential` runs in the same transaction, so that the user and the credential are both created or
 * neither.
 * @throws DomainError `conflict` when the username or the email is taken, ignoring case; whatever `addCredential` throws.
 */
export async function createUser(
  db: Knex,
  input: Omit<CreateUserInput, 'apiKey'>,
  requester: Requester,
  addCredential?: (trx: Knex.Transaction, userId: number) => Promise<unknown>,
): Promise<User> {
  const { username, email, role, spendingLimit } = input
  return db.transaction(async (trx) => {
    const row = await UserModel.query(trx)
      .insert({ username, usernameKey: fold(username), email, emailKey: fold(email), role, spendingLimit })
      .returning('*')
      .catch(rejectTaken)
    const user = row.toEntity()
    await addCredential?.(trx, user.id)
    await auditEntity(trx, 'user', { ...requester, action: 'users.create', before: null, after: user })
    return user
  })
}

/** Returns a user in scope. @throws DomainError `not_found`. */
export async function getUser(db: Knex, scope: Scope, id: number): Promise<User> {
  return (await inScope(db, scope).findById(id).throwIfNotFound()).toEntity()
}

/** Returns the user in scope with this username, ignoring case. @throws DomainError `not_found`. */
export async function getUserByUsername(db: Knex, scope: Scope, username: string): Promise<User> {
  const user = inScope(db, scope).findOne({ usernameKey: fold(username) })
  return (await user.throwIfNotFound()).toEntity()
}

/** Returns the roles of these users, of those in scope who are not deactivated. */
export async function rolesOf(db: Knex, scope: Scope, ids: readonly number[]): Promise<Map<number, Role>> {
  const users = await inScope(db, scope).whereIn('id', ids).whereNull('deactivatedAt').select('id', 'role')
  return new Map(users.map(({ id, role }) => [id, role]))
}

/** Returns a page of the users in scope, newest first. */
export async function listUsers(db: Knex, scope: Scope, input: ListUsersInput): Promise<Page<User>> {
  if (input.search === undefined) return page(inScope(db, scope), input)
  const found = whereContains(db, inScope(db, scope), ['username_key', 'email_key'], [fold(input.search)])
  return searchPage(narrow(db('users'), scope, { userId: 'id' }), found, input)
}

/**
 * Updates the given fields of a user in scope.
 * @throws DomainError `not_found`; `conflict` when the email is taken, or when no other admin with a usable API key
 *   would be left.
 */
export async function updateUser(db: Knex, scope: Scope, input: UpdateUserInput, requester: Requester): Promise<User> {
  const { id, email, role, spendingLimit } = input
  return db.transaction(async (trx) => {
    if (role === 'member') await requireOtherAdmin(trx, id)
    const before = await lockUser(trx, scope, id)
    const [user] = await inScope(trx, scope)
      .patch({
        ...(email !== undefined && { email, emailKey: fold(email) }),
        ...(role !== undefined && { role }),
        ...(spendingLimit !== undefined && { spendingLimit }),
        updatedAt: trx.raw(dialectOf(trx).now),
      })
      .where({ id })
      .returning('*')
      .catch(rejectTaken)
    if (!user) throw notFound('user')
    const after = user.toEntity()
    await auditEntity(trx, 'user', { ...requester, action: 'users.update', before, after })
    return after
  })
}

/**
 * Makes every credential of a user in scope invalid, or valid again. A user who is in that state stays unchanged.
 * @throws DomainError `not_found`; `conflict` when no other admin with a usable API key would be left.
 */
export async function setUserActive(
  db: Knex,
  scope: Scope,
  { id, active }: { id: number; active: boolean },
  requester: Requester,
): Promise<User> {
  return db.transaction(async (trx) => {
    if (!active) await requireOtherAdmin(trx, id)
    const before = await lockUser(trx, scope, id)
    if ((before.deactivatedAt === null) === active) return before
    const now = trx.raw(dialectOf(trx).now)
    await inScope(trx, scope)
      .patch({ deactivatedAt: active ? null : now, updatedAt: now })
      .where({ id })
    const after = await getUser(trx, scope, id)
    const action = active ? 'users.reactivate' : 'users.deactivate'
    await auditEntity(trx, 'user', { ...requester, action, before, after })
    return after
  })
}

/** Returns a user in scope, locked, so that the audit log has the state before the change and not an earlier one. */
async function lockUser(trx: Knex.Transaction, scope: Scope, id: number): Promise<User> {
  return (await inScope(trx, scope).findById(id).forNoKeyUpdate().throwIfNotFound()).toEntity()
}

/** A user row is owned by the user itself. */
function inScope(db: Knex, scope: Scope) {
  return narrow(UserModel.query(db), scope, { userId: 'id' })
}

async function requireOtherAdmin(trx: Knex.Transaction, id: number): Promise<void> {
  const admins = await lockAdmins(trx)
  if (admins.length === 1 && admins[0] === id) throw new DomainError('conflict', 'there must be at least one admin')
  await requireAdminKeyLeft(trx, ({ userId }) => userId === id, 'no other admin has a usable API key')
}

/** Whether there are any users. Works before the first migration too, when there is no table yet. */
export async function hasUsers(db: Knex): Promise<boolean> {
  if (!(await db.schema.hasTable('users'))) return false
  return (await UserModel.query(db).limit(1)).length > 0
}

/** Returns the active admin with the lowest id; undefined when there is none. */
export async function findFirstAdmin(db: Knex): Promise<User | undefined> {
  const admins = UserModel.query(db).where({ role: 'admin' }).whereNull('deactivatedAt')
  return (await admins.orderBy('id').first())?.toEntity()
}

/** Folds case; SQLite's `lower()` only knows ASCII. Upper-cases first, so that "ß" matches "ss" and "ς" matches "σ". */
function fold(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}
