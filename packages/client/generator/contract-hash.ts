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
  const entries = Object.entries(value).filter(([key, child]) => !isWording(key, child))
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, canonical(child)]))
}

/** A field may have such a name too: its schema is an object. */
const isWording = (key: string, value: unknown): boolean =>
  (key === 'description' && typeof value === 'string') || (key === 'examples' && Array.isArray(value))
