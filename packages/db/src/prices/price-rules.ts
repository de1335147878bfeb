import { catalogueNames } from './catalogue.js'
import type { OverrideRule } from './override-rule.js'
import { indexOverrides, type OverrideIndex } from './resolve-model.js'

/** Our own prices, read from the database once and used for many calls. The catalogue needs no reading. */
export type PriceRules = { readonly overrides: readonly OverrideRule[]; readonly index: OverrideIndex }

export function priceRules(overrides: readonly OverrideRule[]): PriceRules {
  return { overrides, index: indexOverrides(overrides) }
}

/** Returns every model name that has a price. */
export function knownNames({ overrides }: PriceRules): Iterable<string> {
  return new Set([...overrides.flatMap(({ model, aliases }) => [model, ...aliases]), ...catalogueNames()])
}
