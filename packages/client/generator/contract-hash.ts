import { createHash } from 'node:crypto'
import type { Contract } from './contract.js'

/** Sixteen hex digits that change when what goes over the wire changes, and not when only its wording does. */
export function hashOf(contract: Omit<Contract, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(contract)))
    .digest('hex')
    .slice(0, 16)
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key, child]) => !(key === 'description' && typeof child === 'string'))
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, canonical(child)]))
}
