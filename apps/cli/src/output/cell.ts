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

/** Returns the heads of a table: the last name of each path, or the whole path where two columns end with the same one. */
export function headsOf(columns: readonly Column[]): string[] {
  const names = columns.map(({ path }) => labelOf(path.split('.').at(-1) ?? ''))
  return columns.map(({ path }, index) => {
    const name = names[index] ?? ''
    return names.indexOf(name) === names.lastIndexOf(name) ? name : pathLabel(path)
  })
}

/** `record.promptTokens` → `record › prompt tokens`. */
export const pathLabel = (path: string): string => path.split('.').map(labelOf).join(' › ')

/** `promptTokens` → `prompt tokens`: how people read the name of a field. */
const labelOf = (name: string): string => name.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase()
