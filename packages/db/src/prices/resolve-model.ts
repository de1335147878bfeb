import { type CatalogueEntry, entryAt } from './catalogue.js'
import { type KnownName, knownName } from './known-name.js'
import type { OverrideRule } from './override-rule.js'

/** The rule that prices a call, and why. */
export type Match = {
  /** The rule's own name: the model of the override, or the id in the catalogue. */
  readonly model: string
  /** The name, alias or pattern of the rule that matched; for the catalogue, the form of the called name that matched. */
  readonly matched: string
  readonly by: 'name' | 'alias' | 'date' | 'prefix' | 'pattern'
  readonly override: OverrideRule | null
  /** The catalogue's entry for this call: what prices it without an override; with one, the reference for ratios. */
  readonly entry: CatalogueEntry | undefined
  /** The maker's entry of the canonical model, for rates that a gateway's entry lacks. */
  readonly makerEntry: CatalogueEntry | undefined
  readonly canonicalModel: string
}

type Reason = { readonly matched: string; readonly by: Match['by'] }

/** An override that would price a call if it is in force, and why. */
type Candidate = Reason & { readonly override: OverrideRule; readonly known: KnownName; readonly canonical: string }

type Named = { readonly override: OverrideRule; readonly by: 'name' | 'alias' }
type Patterned = { readonly override: OverrideRule; readonly pattern: string; readonly parts: readonly string[] }

/** Overrides by their names in lower case, and those with patterns, the most literal first. */
export type OverrideIndex = {
  readonly named: ReadonlyMap<string, readonly Named[]>
  readonly patterned: readonly Patterned[]
  /** The overrides that may price each called name, found when it is first called. */
  readonly candidates: WeakMap<KnownName, readonly Candidate[]>
}

/** Indexes overrides by name and pattern. Their periods are checked by each lookup. */
export function indexOverrides(overrides: readonly OverrideRule[]): OverrideIndex {
  const named = new Map<string, Named[]>()
  const add = (name: string, by: Named['by'], override: OverrideRule) => {
    const key = name.toLowerCase()
    const others = named.get(key) ?? []
    // A model's own name goes before another model's alias.
    named.set(key, by === 'name' ? [{ override, by }, ...others] : [...others, { override, by }])
  }
  for (const override of overrides) {
    for (const alias of override.aliases) add(alias, 'alias', override)
    add(override.model, 'name', override)
  }
  const patterned = overrides.flatMap((override) => {
    if (override.pattern === null) return []
    return [{ override, pattern: override.pattern, parts: override.pattern.toLowerCase().split('*') }]
  })
  patterned.sort((a, b) => literals(b) - literals(a) || b.override.id - a.override.id)
  return { named, patterned, candidates: new WeakMap() }
}

/**
 * Returns the rule that prices a call of this model at an instant (ISO-8601 UTC): the override in force that matches the
 * most specific form of its name, else the catalogue's entry, a gateway's own before the maker's. Undefined when no rule
 * knows the model.
 */
export function resolveModel(
  model: string,
  at: string,
  providerId: string | undefined,
  index: OverrideIndex,
): Match | undefined {
  const known = knownName(model, providerId)
  for (const candidate of candidatesOf(known, index)) {
    const { override, matched, by, canonical } = candidate
    if (override.effectiveFrom <= at && (override.effectiveTo === null || at < override.effectiveTo)) {
      return {
        model: override.model,
        matched,
        by,
        override,
        canonicalModel: canonical,
        ...entriesOf(candidate.known, at),
      }
    }
  }
  const { found, canonical } = known
  if (!found) return undefined
  const { matched, by } = found
  const { id } = found.model.info
  return { model: id, matched, by, override: null, canonicalModel: canonical ?? id, ...entriesOf(known, at) }
}

function entriesOf({ found, maker }: KnownName, at: string): Pick<Match, 'entry' | 'makerEntry'> {
  const entry = found && entryAt(found.model, at)
  return { entry, makerEntry: maker === found?.model ? entry : maker && entryAt(maker, at) }
}

function candidatesOf(known: KnownName, index: OverrideIndex): readonly Candidate[] {
  const asked = index.candidates.get(known)
  if (asked) return asked
  const candidates = [...byName(known, index), ...byPattern(known, index)]
  index.candidates.set(known, candidates)
  return candidates
}

function byName(known: KnownName, { named }: OverrideIndex): Candidate[] {
  return known.forms.flatMap((form) =>
    (named.get(form.name.toLowerCase()) ?? []).map(({ override, by }): Candidate => {
      const isAlias = by === 'alias'
      const matched = isAlias
        ? (override.aliases.find((alias) => alias.toLowerCase() === form.name.toLowerCase()) ?? form.name)
        : override.model
      return { override, matched, by: isAlias ? by : form.by, ...referenceOf(known, override, isAlias) }
    }),
  )
}

function byPattern(known: KnownName, { patterned }: OverrideIndex): Candidate[] {
  return known.forms.flatMap(({ name }) =>
    patterned
      .filter(({ parts }) => isLike(name.toLowerCase(), parts))
      .map(({ override, pattern }) => ({
        override,
        matched: pattern,
        by: 'pattern',
        ...referenceOf(known, override, false),
      })),
  )
}

/** Returns what is known of the called model; for an alias, what is known of the override's model. */
function referenceOf(
  called: KnownName,
  { model }: OverrideRule,
  isAlias: boolean,
): Pick<Candidate, 'known' | 'canonical'> {
  const own = knownName(model, undefined)
  const maker = isAlias ? own.maker : called.maker
  const found = called.found ?? own.found
  return { known: { ...called, found, maker }, canonical: maker?.info.id ?? model }
}

function literals({ parts }: Patterned): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

/** Returns whether a name matches a pattern, given as the parts between its `*`. */
function isLike(name: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts
  if (!name.startsWith(first)) return false
  let from = first.length
  for (const [index, part] of rest.entries()) {
    if (index === rest.length - 1) return name.length - part.length >= from && name.endsWith(part)
    const found = name.indexOf(part, from)
    if (found === -1) return false
    from = found + part.length
  }
  return name.length === from
}
