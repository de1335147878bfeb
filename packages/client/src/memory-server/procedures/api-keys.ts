import { ownerOf, requireScopes } from '@mgx/api/authority'
import { type CreateApiKeyInput, DomainError, invalidField, notFound, type PageInput } from '@mgx/contract'
import type { ApiKey, CreatedApiKey } from '../../generated/entities.js'
import type { Memory } from '../memory.js'
import { pageOf } from '../page.js'
import { type Context, keyHolder } from '../procedure.js'
import { type ApiKeyRow, insert } from '../tables.js'
import { isUsable, requireAdminKeyLeft } from '../usable-keys.js'
import { userOf } from './users.js'

export const apiKeys = {
  create: keyHolder(({ memory, caller }, input: CreateApiKeyInput) => {
    const { id: userId } = userOf(memory, ownerOf(caller, input.userId))
    requireScopes(caller, input.scopes)
    if (input.expiresAt !== undefined && input.expiresAt <= memory.now()) {
      throw invalidField('expiresAt', 'must be in the future')
    }
    return createApiKey(memory, { ...input, userId })
  }),

  list: keyHolder(({ memory, caller }, input: PageInput & { userId?: number }) => {
    const userId = ownerOf(caller, input.userId)
    const rows = [...memory.tables.apiKeys.values()].filter((row) => row.userId === userId)
    const page = pageOf(rows, input, ({ id }) => id)
    return { ...page, items: page.items.map(answer) }
  }),

  rotate: keyHolder((context, { id }: { id: number }) => {
    const row = apiKeyOf(context, id)
    requireScopes(context.caller, row.scopes)
    if (!isUsable(context.memory, row))
      throw new DomainError('conflict', 'a revoked or expired API key cannot be rotated')
    revoke(context.memory, row)
    const { userId, name, scopes, expiresAt } = row
    return createApiKey(context.memory, { userId, name, scopes, expiresAt: expiresAt ?? undefined })
  }),

  revoke: keyHolder((context, { id }: { id: number }) => {
    const row = apiKeyOf(context, id)
    requireAdminKeyLeft(context.memory, (key) => key.id === id, 'the last usable admin key cannot be revoked')
    return revoke(context.memory, row)
  }),
}

type NewApiKey = Pick<ApiKey, 'userId' | 'name' | 'scopes'> & { expiresAt?: string | undefined }

/** Makes an API key, or the one that was chosen; it is answered this once. */
export function createApiKey(memory: Memory, asked: NewApiKey, chosen?: string): CreatedApiKey {
  const { tables, now } = memory
  const key = chosen ?? `mgx_key_${(tables.apiKeys.size + 1).toString().padStart(4, '0')}_in_memory`
  const prefix = key.slice(0, chosen === undefined ? 'mgx_key_'.length + 4 : 4)
  const { userId, name, scopes, expiresAt = null } = asked
  const row = { userId, name, scopes, prefix, expiresAt, lastUsedAt: null, revokedAt: null, createdAt: now(), key }
  return { apiKey: answer(insert(tables.apiKeys, row)), key }
}

function apiKeyOf({ memory, scope }: Context, id: number): ApiKeyRow {
  const row = memory.tables.apiKeys.get(id)
  if (!row || (scope.userId ?? row.userId) !== row.userId) throw notFound('API key')
  return row
}

function revoke({ tables, now }: Memory, row: ApiKeyRow): ApiKey {
  const revoked = { ...row, revokedAt: row.revokedAt ?? now() }
  tables.apiKeys.set(row.id, revoked)
  return answer(revoked)
}

function answer({ key: _, ...row }: ApiKeyRow): ApiKey {
  return row
}
