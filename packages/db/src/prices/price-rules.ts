import { catalogueNames } from './catalogue.js'
import { type FindNearest, nearestIn } from './nearest-names.js'
import type { OverrideRule } from './override-rule.js'
import { indexOverrides, type OverrideIndex } from './resolve-model.js'

/** The overrides, read from the database once and used for many calls. The catalogue is part of the program. */
export type PriceRules = {
  readonly overrides: readonly OverrideRule[]
  readonly index: OverrideIndex
  /** Finds the names that have a price and are nearest to one that has none. */
  readonly nearest: FindNearest
}

export function priceRules(overrides: readonly OverrideRule[]): PriceRules {
  // Prepared only when a model is unknown.
  let search: FindNearest | undefined
  return {
    overrides,
    index: indexOverrides(overrides),
    nearest(model) {
      search ??= nearestIn(namesWithPrices(overrides))
      return search(model)
    },
  }
}

function namesWithPrices(overrides: readonly OverrideRule[]): Iterable<string> {
  return new Set([...overrides.flatMap(({ model, aliases }) => [model, ...aliases]), ...catalogueNames()])
}
