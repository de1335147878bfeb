import { hash } from 'node:crypto'

/**
 * SHA-256 of what a call asked for, in one canonical writing: what makes a repeated idempotency key "the same content".
 * The order of an object's keys says nothing, so they are sorted.
 */
export function contentHash(content: readonly unknown[]): string {
  const isFlat = content.every((value) => typeof value !== 'object' || value === null)
  return hash('sha256', JSON.stringify(content, isFlat ? undefined : sortKeys), 'base64url')
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
