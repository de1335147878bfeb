import { DomainError } from '@mgx/contract'
import type { Memory } from './memory.js'
import type { ApiKeyRow } from './tables.js'

/** Whether a key is neither revoked nor expired. */
export function isUsable({ now }: Memory, { revokedAt, expiresAt }: ApiKeyRow): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now())
}

/** @throws DomainError `conflict` with this message when it takes the last usable key that an admin may write with. */
export function requireAdminKeyLeft(memory: Memory, isLost: (key: ApiKeyRow) => boolean, message: string): void {
  const { apiKeys, users } = memory.tables
  const keys = [...apiKeys.values()].filter(
    (key) => users.get(key.userId)?.role === 'admin' && key.scopes.includes('write') && isUsable(memory, key),
  )
  if (keys.some(isLost) && keys.every(isLost)) throw new DomainError('conflict', message)
}
