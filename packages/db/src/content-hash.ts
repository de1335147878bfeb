import { hash } from 'node:crypto'
import { DomainError } from '@mgx/contract'

/**
 * SHA-256 of what a call asked for: what makes a repeated idempotency key "the same content". The order of an object's
 * keys says nothing, so they are sorted. A row keeps this for ever, and the same call after an upgrade must still give
 * the same one:
 * - What is in a content stays as it is, in its place.
 * - A field that an operation gets later goes into one object at the end of its content, and only when it is given and
 *   is not its default: `...(tags ? [{ tags }] : [])`.
 * - A new operation begins with an object of its fields, in which one that is undefined leaves no trace.
 *
 * Every operation's hash is pinned in `packages/api/src/content-hashes.test.ts`.
 */
export function contentHash(content: readonly unknown[]): string {
  const isFlat = content.every((value) => typeof value !== 'object' || value === null)
  return hash('sha256', JSON.stringify(content, isFlat ? undefined : sortKeys), 'base64url')
}

/** The earlier row of a key, if any. @throws DomainError `idempotency_mismatch` when its content was another. */
export function sameContent<Row extends { requestHash: string | null } | undefined>(
  earlier: Row,
  requestHash: string,
): Row {
  if (!earlier || earlier.requestHash === requestHash) return earlier
  throw new DomainError('idempotency_mismatch', 'this idempotency key was used with other content')
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
