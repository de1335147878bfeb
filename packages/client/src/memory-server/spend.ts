import { formatUsd, invalidField, type SpendGroup, type SpendInput } from '@mgx/contract'
import type { Page, Spend } from '../generated/entities.js'
import type { ChargeRow } from './tables.js'

type Key = 'day' | 'userId' | 'projectId' | 'model' | 'actionType'
type Values = readonly (string | number)[]
type Sum = { values: Values; records: number; promptTokens: number; completionTokens: number; totalCost: bigint }

const groups: Record<SpendGroup, readonly [Key, (charge: ChargeRow) => string | number]> = {
  day: ['day', ({ createdAt }) => createdAt.slice(0, 10)],
  user: ['userId', ({ userId }) => userId],
  project: ['projectId', ({ projectId }) => projectId],
  model: ['model', ({ usage }) => usage.model],
  actionType: ['actionType', ({ usage }) => usage.actionType ?? ''],
}

/** What charges add up to, a row for each combination of the groups, ascending. @throws DomainError `invalid_input`. */
export function spendOf(charges: readonly ChargeRow[], input: SpendInput): Page<Spend> {
  const { from = '', to = '9999-99-99', limit, cursor } = input
  const chosen = input.groupBy.map((group) => groups[group])
  const after = cursor === undefined ? undefined : readCursor(cursor, input.groupBy)
  const sums = new Map<string, Sum>()
  for (const charge of charges) {
    const day = charge.createdAt.slice(0, 10)
    if (day < from || day >= to) continue
    const values = chosen.map(([, read]) => read(charge))
    const key = JSON.stringify(values)
    sums.set(key, added(sums.get(key) ?? nothing(values), charge))
  }
  const rows = [...sums.values()].sort((a, b) => order(a.values, b.values))
  const asked = rows.filter(({ values }) => after === undefined || order(values, after) > 0)
  const items = asked.slice(0, limit)
  const last = items.at(-1)
  return {
    items: items.map((sum) =>
      answer(
        sum,
        chosen.map(([key]) => key),
      ),
    ),
    nextCursor: asked.length > limit && last ? JSON.stringify([input.groupBy, last.values]) : null,
  }
}

const nothing = (values: Values): Sum => ({ values, records: 0, promptTokens: 0, completionTokens: 0, totalCost: 0n })

/** Sums of tokens stop where a JSON number is no longer exact. */
function added(sum: Sum, { usage, price }: ChargeRow): Sum {
  return {
    values: sum.values,
    records: sum.records + 1,
    promptTokens: Math.min(sum.promptTokens + usage.promptTokens, Number.MAX_SAFE_INTEGER),
    completionTokens: Math.min(sum.completionTokens + usage.completionTokens, Number.MAX_SAFE_INTEGER),
    totalCost: sum.totalCost + price.amount,
  }
}

function answer({ values, totalCost, ...sums }: Sum, keys: readonly Key[]): Spend {
  const named = keys.map((key, index) => [key, key === 'actionType' ? values[index] || null : values[index]])
  return { ...Object.fromEntries(named), ...sums, totalCost: formatUsd(totalCost) }
}

/** Numbers by size, text by code point. */
function order(a: Values, b: Values): number {
  const index = a.findIndex((value, place) => value !== b[place])
  const [left, right] = [a[index] ?? 0, b[index] ?? 0]
  if (typeof left === 'number' && typeof right === 'number') return left - right
  const [one, other] = [String(left), String(right)].map((text) =>
    [...text].map((character) => character.codePointAt(0) ?? 0),
  )
  for (let place = 0; ; place += 1) {
    const difference = (one?.[place] ?? -1) - (other?.[place] ?? -1)
    if (difference !== 0 || one?.[place] === undefined) return difference
  }
}

function readCursor(cursor: string, groupBy: readonly SpendGroup[]): Values {
  try {
    const [named, values] = JSON.parse(cursor)
    if (JSON.stringify(named) === JSON.stringify(groupBy) && values.length === groupBy.length) return values
  } catch {
    // Below.
  }
  throw invalidField('cursor', 'must be the nextCursor of a page with the same groupBy')
}
