import type { SessionStatus } from '../generated/entities.js'
import type { Memory } from './memory.js'
import type { SessionRow } from './tables.js'

/**
 * A session as it is now: it expires at its time, or with its API key when that expires earlier, and is closed when its API
 * key is revoked.
 */
export function sessionNow({ tables, now }: Memory, row: SessionRow): { status: SessionStatus; expiresAt: string } {
  const key = tables.apiKeys.get(row.apiKeyId)
  const expiresAt = key?.expiresAt && key.expiresAt < row.expiresAt ? key.expiresAt : row.expiresAt
  if (row.status !== 'active') return { status: row.status, expiresAt }
  if (key?.revokedAt) return { status: 'closed', expiresAt }
  return { status: expiresAt <= now() ? 'expired' : 'active', expiresAt }
}
