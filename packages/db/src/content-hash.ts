import { hash } from 'node:crypto'
import { DomainError } from '@mgx/contract'

/**
 * Returns the SHA-256 of a call's content, which decides whether a repeated idempotency key has "the same content".
 * Object keys are sorted, so their order does not matter. Rows keep the hash forever, and repeating a call after an
 * upgrade must produce the same hash:
 * - Existing elements of a content never change or move.
 * - A field added to an operation later goes into an object at the end of its content, and only when it is given and
 *   differs from its default: `...(tags ? [{ tags }] : [])`.
 * - A new operation starts with one object of its fields; undefined fields leave no trace.
 *
 * Every operation's hash is pinned in `packages/api/src/content-hashes.test.ts`.
 */
export function contentHash(content: readonly unknown[]): string {
  const isFlat = content.every((value) => typeof value !== 'object' || value === null)
  return hash('sha256', JSON.stringify(content, isFlat ? undefined : sortKeys), 'base64url')
}

/** Returns the earlier row of a key, if any. @throws DomainError `idempotency_mismatch` when its content differs. */
export function sameContent<Row extends { requestHash: string | null } | undefined>(
  earlier: Row,
  requestHash: string,
): Row {
  if (!earlier || earlier.requestHash === requestHash) return earlier
  throw new DomainError('idempotency_mismatch', 'this idempotency key was used with different content')
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
