import {
  type CreateUserInput,
  DomainError,
  notFound,
  type Page,
  type PageInput,
  type Role,
  type UpdateUserInput,
  type User,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { UserModel } from '../models/user.js'
import { idsBelow, toPage } from '../page.js'
import { lockAdmins, requireAdminKeyLeft } from './admin-keys.js'

/**
 * Writes a new user.
 * @throws UniqueViolationError (answered as `conflict`) when the username or the email is taken, whatever their case.
 */
export async function createUser(db: Knex, input: Omit<CreateUserInput, 'apiKey'>): Promise<User> {
  const { username, email, role, spendingLimit } = input
  return UserModel.query(db)
    .insert({ username, usernameKey: fold(username), email, emailKey: fold(email), role, spendingLimit })
    .returning('*')
}

/** @throws DomainError `not_found`. */
export async function getUser(db: Knex, id: number): Promise<User> {
  return UserModel.query(db).findById(id).throwIfNotFound()
}

/** The roles of these users. */
export async function rolesOf(db: Knex, ids: readonly number[]): Promise<Map<number, Role>> {
  const users = await UserModel.query(db).whereIn('id', ids).select('id', 'role')
  return new Map(users.map(({ id, role }) => [id, role]))
}

/** The user of a name, whatever its case; undefined when there is none. */
export async function findUserByUsername(db: Knex, username: string): Promise<User | undefined> {
  return UserModel.query(db).findOne({ usernameKey: fold(username) })
}

/** Users, newest first. */
export async function listUsers(db: Knex, page: PageInput): Promise<Page<User>> {
  const rows = await UserModel.query(db)
    .where('id', '<', idsBelow(page))
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
  return toPage(rows, page, ({ id }) => id)
}

/**
 * Changes the fields that are given.
 * @throws DomainError `not_found`; `conflict` when no other admin, or none with a usable API key, would be left;
 * UniqueViolationError (answered as `conflict`) when the email is taken.
 */
export async function updateUser(db: Knex, { id, email, role, spendingLimit }: UpdateUserInput): Promise<User> {
  return db.transaction(async (trx) => {
    if (role === 'member') await requireOtherAdmin(trx, id)
    const [user] = await UserModel.query(trx)
      .patch({
        ...(email !== undefined && { email, emailKey: fold(email) }),
        ...(role !== undefined && { role }),
        ...(spendingLimit !== undefined && { spendingLimit }),
        updatedAt: trx.raw(dialectOf(trx).now),
      })
      .where({ id })
      .returning('*')
    if (!user) throw notFound('user')
    return user
  })
}

async function requireOtherAdmin(trx: Knex.Transaction, id: number): Promise<void> {
  const admins = await lockAdmins(trx)
  if (admins.length === 1 && admins[0] === id) throw new DomainError('conflict', 'somebody has to be admin')
  await requireAdminKeyLeft(trx, ({ userId }) => userId === id, 'no other admin has a usable API key')
}

/** Whether there is anything to lose. Also answers before the first migration, when there is no table yet. */
export async function hasUsers(db: Knex): Promise<boolean> {
  if (!(await db.schema.hasTable('users'))) return false
  return (await UserModel.query(db).limit(1)).length > 0
}

/** The admin who was first; undefined in a new database, where nobody can make a user yet. */
export async function findFirstAdmin(db: Knex): Promise<User | undefined> {
  return UserModel.query(db).where({ role: 'admin' }).orderBy('id').first()
}

/** Done here and not by `lower()`, which knows only ASCII on SQLite. By way of upper case, as ß and ς have only that in common with ss and σ. */
function fold(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}
