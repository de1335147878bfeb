import type { SetPriceInput } from '@mgx/contract'
import { overlaps, replacedBy, requireOrder } from '@mgx/db/core'
import type { PriceOverride } from '../generated/entities.js'
import type { Memory } from './memory.js'
import { insert } from './tables.js'

/** Our own price of a model at an instant. */
export function overrideInForce({ tables }: Memory, model: string, at: string): PriceOverride | undefined {
  return overridesOf(tables.prices, model).find(
    ({ effectiveFrom, effectiveTo }) => effectiveFrom <= at && (effectiveTo === null || effectiveTo > at),
  )
}

/** Sets our own price of a model for a time. @throws DomainError `invalid_input`, `conflict`, as the server. */
export function setPrice(memory: Memory, input: SetPriceInput): PriceOverride {
  const { model, inputPrice, outputPrice, cachedPrice = inputPrice, effectiveTo = null } = input
  const { prices } = memory.tables
  const now = memory.now()
  const others = overridesOf(prices, model)
  const period = { effectiveFrom: input.effectiveFrom ?? momentAfterAll(others, now), effectiveTo }
  requireOrder(period)
  const overlapping = others.filter((other) => overlaps(other, period))
  overlapping.sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1))
  const replaced = replacedBy(period, overlapping, now)
  if (replaced) prices.set(replaced.id, { ...replaced, effectiveTo: period.effectiveFrom })
  return insert(prices, { model, inputPrice, outputPrice, cachedPrice, ...period, createdAt: now })
}

function overridesOf(prices: ReadonlyMap<number, PriceOverride>, model: string): PriceOverride[] {
  return [...prices.values()].filter((override) => override.model === model)
}

/** A clock that stands still must not keep one price from following another: the next begins a millisecond later. */
function momentAfterAll(others: readonly PriceOverride[], now: string): string {
  const starts = new Set(others.map(({ effectiveFrom }) => effectiveFrom))
  let moment = Date.parse(now)
  while (starts.has(new Date(moment).toISOString())) moment += 1
  return new Date(moment).toISOString()
}
