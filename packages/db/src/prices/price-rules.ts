import { catalogueNames } from './catalogue.js'
import type { OverrideRule } from './override-rule.js'
import { indexOverrides, type OverrideIndex } from './resolve-model.js'

/** The overrides, read from the database once and used for many calls. The catalogue is part of the program. */
export type PriceRules = { readonly overrides: readonly OverrideRule[]; readonly index: OverrideIndex }

export function priceRules(overrides: readonly OverrideRule[]): PriceRules {
  return { overrides, index: indexOverrides(overrides) }
}

const names = new WeakMap<PriceRules, readonly string[]>()

/** Returns every model name that has a price; the same list whenever it is asked for. */
export function knownNames(rules: PriceRules): readonly string[] {
  const known = names.get(rules)
  if (known) return known
  const own = rules.overrides.flatMap(({ model, aliases }) => [model, ...aliases])
  const all = [...new Set([...own, ...catalogueNames()])]
  names.set(rules, all)
  return all
}
