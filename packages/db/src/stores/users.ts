import {
  type CreateUserInput,
  DomainError,
  notFound,
  type Page,
  type PageInput,
  type UpdateUserInput,
  type User,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { UserModel } from '../models/user.js'
import { idsBelow, toPage } from '../page.js'

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
 * @throws DomainError `not_found`; `conflict` when nobody would be admin any more; UniqueViolationError (answered as
 * `conflict`) when the email is taken.
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

/** The admins are locked, in id order, so that two of them cannot demote each other at the same time. */
async function requireOtherAdmin(trx: Knex.Transaction, id: number): Promise<void> {
  const { query, lockRows } = dialectOf(trx)
  const admins = await query<{ id: number }>(trx, {
    sql: `SELECT id FROM users WHERE role = 'admin' ORDER BY id ${lockRows('users')}`,
    bindings: [],
  })
  if (admins.length === 1 && admins[0]?.id === id) throw new DomainError('conflict', 'somebody has to be admin')
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
