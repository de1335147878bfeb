import { usd } from '@mgx/client'
import type { Column } from '../contract/columns.js'
import { printable } from '../printable.js'
import { timeAgo } from './time-ago.js'

/** Returns a value as a person reads it; `now` makes times relative. */
export function cellText(value: unknown, kind: Column['kind'], now: number | undefined): string {
  if (value === null || value === undefined) return ''
  if (kind === 'usd') return usd.format(String(value))
  if (kind === 'instant' && now !== undefined) return timeAgo(String(value), now)
  if (kind === 'number') return Number(value).toLocaleString('en-US', { maximumFractionDigits: 20 })
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return printable(value.join(', '))
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** `prompt-tokens` and `record.promptTokens` → `prompt tokens`: how people read the name of a field. */
export const labelOf = (path: string): string =>
  (path.split('.').at(-1) ?? '').replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase()
