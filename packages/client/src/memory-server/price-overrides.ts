import type { SetPriceInput } from '@mgx/contract'
import {
  contentText,
  firstFreeInstant,
  overlaps,
  priceContent,
  replacedBy,
  requireOrder,
  sameContent,
} from '@mgx/db/core'
import type { PriceOverride } from '../generated/entities.js'
import type { Memory } from './memory.js'
import { insert, type PriceRow } from './tables.js'

/** Our own price of a model at an instant. */
export function overrideInForce({ tables }: Memory, model: string, at: string): PriceOverride | undefined {
  return overridesOf(tables.prices, model).find(
    ({ effectiveFrom, effectiveTo }) => effectiveFrom <= at && (effectiveTo === null || effectiveTo > at),
  )
}

/** Sets our own price of a model for a time. @throws DomainError as the server. */
export function setPrice(memory: Memory, input: SetPriceInput): PriceOverride {
  const { model, inputPrice, outputPrice, cachedPrice = inputPrice, effectiveTo = null, idempotencyKey = null } = input
  const { prices } = memory.tables
  const now = memory.now()
  const requestHash = contentText(priceContent(input))
  const first = [...prices.values()].find((row) => idempotencyKey !== null && row.idempotencyKey === idempotencyKey)
  // Its end may have been set since, by the one that took over.
  if (first && sameContent(first, requestHash)) return priceOf({ ...first, effectiveTo })
  const others = overridesOf(prices, model)
  const starts = others.map(({ effectiveFrom }) => effectiveFrom)
  const period = { effectiveFrom: input.effectiveFrom ?? firstFreeInstant(starts, now), effectiveTo }
  requireOrder(period)
  const overlapping = others.filter((other) => overlaps(other, period))
  overlapping.sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1))
  const replaced = replacedBy(period, overlapping, now)
  if (replaced) prices.set(replaced.id, { ...replaced, effectiveTo: period.effectiveFrom })
  const asked = { model, inputPrice, outputPrice, cachedPrice, idempotencyKey, requestHash }
  return priceOf(insert(prices, { ...asked, ...period, createdAt: now }))
}

/** A price as it is answered. */
export function priceOf({ idempotencyKey: _, requestHash: __, ...price }: PriceRow): PriceOverride {
  return price
}

function overridesOf(prices: ReadonlyMap<number, PriceRow>, model: string): PriceRow[] {
  return [...prices.values()].filter((override) => override.model === model)
}
