import { requireAdmin, requireMayUpdate, visibleUserId } from '@mgx/api/authority'
import {
  type CreateUserInput,
  DomainError,
  invalidField,
  notFound,
  type PageInput,
  type UpdateUserInput,
} from '@mgx/contract'
import type { User } from '../../generated/entities.js'
import type { Memory } from '../memory.js'
import { pageOf } from '../page.js'
import { admin, keyHolder, user } from '../procedure.js'
import { insert, type UserRow } from '../tables.js'
import { requireAdminKeyLeft } from '../usable-keys.js'
import { createApiKey } from './api-keys.js'

export const users = {
  create: keyHolder(({ memory, caller }, { apiKey, ...input }: CreateUserInput) => {
    requireAdmin(caller)
    return createUser(memory, input, apiKey)
  }),

  get: user(({ memory, caller }, { id }: { id: number }) => answer(userOf(memory, visibleUserId(caller, id)))),

  getByUsername: user(({ memory, caller }, { username }: { username: string }) => {
    const found = [...memory.tables.users.values()].find((row) => fold(row.username) === fold(username))
    if (!found) throw notFound('user')
    return answer(userOf(memory, visibleUserId(caller, found.id)))
  }),

  me: user(({ memory, caller }) => answer(userOf(memory, caller.userId))),

  list: admin(({ memory }, input: PageInput) => {
    const page = pageOf(memory.tables.users.values(), input, ({ id }) => id)
    return { ...page, items: page.items.map(answer) }
  }),

  update: user(({ memory, caller }, input: UpdateUserInput) => {
    const row = userOf(memory, visibleUserId(caller, input.id))
    requireMayUpdate(caller, input)
    if (input.role === 'member') requireOtherAdmin(memory, row.id)
    const { email = row.email, role = row.role, spendingLimit = row.spendingLimit } = input
    requireFree(memory, { email }, row.id)
    const changed = { ...row, email, role, spendingLimit, updatedAt: memory.now() }
    memory.tables.users.set(row.id, changed)
    return answer(changed)
  }),
}

type NewUser = Omit<CreateUserInput, 'apiKey'>

/** Makes a user and their first API key; answers the key unless it was chosen. @throws DomainError `conflict`, `invalid_input`. */
export function createUser(memory: Memory, input: NewUser, apiKey?: string): { user: User; apiKey: string | null } {
  const { tables, now } = memory
  if (apiKey && /^mgx_(key|ses)_/.test(apiKey)) throw invalidField('apiKey', 'must not begin with mgx_key_ or mgx_ses_')
  requireFree(memory, input)
  if ([...tables.apiKeys.values()].some(({ key }) => key === apiKey)) throw taken('apiKey')
  const row = insert(tables.users, { ...input, totalCost: '0', reserved: '0', createdAt: now(), updatedAt: now() })
  const { key } = createApiKey(memory, { userId: row.id, name: 'first', scopes: ['read', 'write'] }, apiKey)
  return { user: answer(row), apiKey: apiKey === undefined ? key : null }
}

/** A user by id. @throws DomainError `not_found`. */
export function userOf({ tables }: Memory, id: number): UserRow {
  const row = tables.users.get(id)
  if (!row) throw notFound('user')
  return row
}

function requireFree({ tables }: Memory, names: Partial<Pick<User, 'username' | 'email'>>, own?: number): void {
  const others = [...tables.users.values()].filter(({ id }) => id !== own)
  for (const [field, name] of Object.entries(names) as ['username' | 'email', string][]) {
    if (['username', 'email'].includes(field) && others.some((row) => fold(row[field]) === fold(name)))
      throw taken(field)
  }
}

function requireOtherAdmin(memory: Memory, id: number): void {
  const admins = [...memory.tables.users.values()].filter(({ role }) => role === 'admin')
  if (admins.length === 1 && admins[0]?.id === id) throw new DomainError('conflict', 'somebody has to be admin')
  requireAdminKeyLeft(memory, ({ userId }) => userId === id, 'no other admin has a usable API key')
}

function taken(field: string): DomainError {
  return new DomainError('conflict', `${field} is already taken`, { field })
}

/** Names that differ in their case only are one. */
function fold(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

function answer({ reserved: _, ...row }: UserRow): User {
  return row
}
