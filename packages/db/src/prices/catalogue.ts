import type { ConditionalPrice, ModelInfo, ModelPrice } from '@pydantic/genai-prices'
import { allModels, type CatalogueModel, modelNamed } from './catalogue-models.js'

/** A model's entry in the catalogue, with its prices at an instant. */
export type CatalogueEntry = {
  readonly provider: string
  readonly model: string
  readonly prices: ModelPrice
  /** The period of these prices, ISO-8601 UTC; null where the catalogue does not say. */
  readonly effectiveFrom: string | null
  readonly effectiveTo: string | null
}

/** Returns a model's entry at an instant (ISO-8601 UTC). */
export function entryAt(model: CatalogueModel, at: string): CatalogueEntry {
  const { fixed, changes } = scheduleOf(model)
  if (fixed) return fixed
  const { prices, start } = changeAt(changes, at)
  const next = changes.flatMap((change) => (change.start !== null && change.start > at ? [change.start] : []))
  return entryOf(model, prices, start, next.sort()[0] ?? null)
}

/**
 * Returns all prices that can be in force for the entry's model from one instant to another (ISO-8601 UTC, both
 * included): its prices may change on a day and by the hour.
 */
export function pricesWithin({ provider, model }: CatalogueEntry, from: string, to: string): readonly ModelPrice[] {
  const named = modelNamed(provider, model)
  if (!named) return []
  const { changes } = scheduleOf(named)
  const starts = changes.flatMap(({ start }) => (start !== null && start > from && start <= to ? [start] : []))
  // Prices by the hour are the same every day until the next start, so the first turn of each hour covers them.
  const turns = [from, ...starts].flatMap((start) => turnsAfter(changes, start)).filter((turn) => turn <= to)
  return [...new Set([from, ...starts, ...turns].map((instant) => changeAt(changes, instant).prices))]
}

/** Returns the ids of all models in the catalogue. */
export function catalogueNames(): readonly string[] {
  return [...new Set(allModels().map(({ info }) => info.id))]
}

/** Prices from a day on (ISO-8601 UTC), or between two times of day in milliseconds; with neither, always. */
type Change = {
  readonly prices: ModelPrice
  readonly start: string | null
  readonly hours: readonly [from: number, to: number] | null
}

/** A model's prices over time; the last change that holds at an instant counts. `fixed` if there is only one. */
type Schedule = { readonly changes: readonly Change[]; readonly fixed: CatalogueEntry | null }

const schedules = new WeakMap<ModelInfo, Schedule>()
const DAY = 86_400_000

function scheduleOf(model: CatalogueModel): Schedule {
  const known = schedules.get(model.info)
  if (known) return known
  const { prices } = model.info
  const schedule = Array.isArray(prices)
    ? { changes: prices.map(changeOf), fixed: null }
    : { changes: [{ prices, start: null, hours: null }], fixed: entryOf(model, prices, null, null) }
  schedules.set(model.info, schedule)
  return schedule
}

function changeOf({ prices, constraint }: ConditionalPrice): Change {
  if (constraint?.type === 'start_date') return { prices, start: `${constraint.start_date}T00:00:00.000Z`, hours: null }
  if (!constraint) return { prices, start: null, hours: null }
  return { prices, start: null, hours: [timeOfDay(constraint.start_time), timeOfDay(constraint.end_time)] }
}

function timeOfDay(time: string): number {
  return Date.parse(`1970-01-02T${time}`) % DAY
}

function entryOf(
  { provider, info }: CatalogueModel,
  prices: ModelPrice,
  effectiveFrom: string | null,
  effectiveTo: string | null,
): CatalogueEntry {
  return { provider, model: info.id, prices, effectiveFrom, effectiveTo }
}

/** Returns the change in force at an instant; before all of them, the first. */
function changeAt(changes: readonly Change[], at: string): Change {
  const current = changes.findLast(({ start, hours }) => (hours ? isWithin(hours, at) : start === null || start <= at))
  return current ?? changes[0] ?? { prices: {}, start: null, hours: null }
}

function isWithin([from, to]: readonly [number, number], at: string): boolean {
  const time = Date.parse(at) % DAY
  return to < from ? time >= from || time < to : time >= from && time < to
}

/** Returns when each price by the hour starts or ends for the first time after an instant. */
function turnsAfter(changes: readonly Change[], start: string): string[] {
  const from = Date.parse(start)
  return changes
    .flatMap(({ hours }) => hours ?? [])
    .map((time) => new Date(from + ((time - (from % DAY) + DAY) % DAY)).toISOString())
}
