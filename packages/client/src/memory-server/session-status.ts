import type { SessionStatus } from '../generated/entities.js'
import type { Memory } from './memory.js'
import type { SessionRow } from './tables.js'

/** A session past its time is expired, and one whose API key was revoked is closed. */
export function statusNow({ tables, now }: Memory, { status, apiKeyId, expiresAt }: SessionRow): SessionStatus {
  if (status !== 'active') return status
  if (tables.apiKeys.get(apiKeyId)?.revokedAt) return 'closed'
  return expiresAt <= now() ? 'expired' : status
}
