import type { Actor } from '@mgx/api/authority'
import { DomainError } from '@mgx/contract'
import type { Memory } from './memory.js'
import { sessionNow } from './session-status.js'
import type { ApiKeyRow, SessionRow } from './tables.js'
import { isUsable } from './usable-keys.js'

const LAST_USED_MILLISECONDS = 60_000

/** The actor behind an `Authorization` header. @throws DomainError `unauthenticated`. */
export function authenticate(memory: Memory, authorization: string | undefined): Actor {
  const credential = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
  const session = [...memory.tables.sessions.values()].find(({ token }) => token === credential)
  if (session) return sessionActor(memory, session)
  const apiKey = [...memory.tables.apiKeys.values()].find(({ key }) => key === credential)
  if (!apiKey || !isUsable(memory, apiKey)) {
    throw unauthenticated()
  }
  touch(memory, apiKey)
  const { id: apiKeyId, userId, scopes } = apiKey
  return { userId, role: roleOf(memory, userId), apiKeyId, sessionId: null, scopes, projectId: null }
}

function sessionActor(memory: Memory, session: SessionRow): Actor {
  if (sessionNow(memory, session).status !== 'active') throw unauthenticated()
  const { id: sessionId, userId, apiKeyId, projectId } = session
  return { userId, role: roleOf(memory, userId), apiKeyId, sessionId, scopes: ['read', 'write'], projectId }
}

function roleOf({ tables }: Memory, userId: number): Actor['role'] {
  return tables.users.get(userId)?.role ?? 'member'
}

function touch({ tables, now }: Memory, apiKey: ApiKeyRow): void {
  const last = apiKey.lastUsedAt
  if (last !== null && Date.parse(now()) - Date.parse(last) < LAST_USED_MILLISECONDS) return
  tables.apiKeys.set(apiKey.id, { ...apiKey, lastUsedAt: now() })
}

function unauthenticated(): DomainError {
  return new DomainError('unauthenticated', 'a valid API key or session token is required: Authorization: Bearer …')
}
