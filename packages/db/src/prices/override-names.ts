import { DomainError, type PriceOverride } from '@mgx/contract'

/** The names that an override prices. */
type Names = Pick<PriceOverride, 'model' | 'aliases' | 'pattern'>
type Other = Names & Pick<PriceOverride, 'id' | 'effectiveFrom' | 'effectiveTo'>

/**
 * Checks that no name of an override belongs to another model, regardless of case. `others` are the overrides of other
 * models in its period.
 * @throws DomainError `conflict` with the name and the override that has it.
 */
export function requireFreeNames({ model, aliases, pattern }: Names, others: readonly Other[]): void {
  for (const other of others) {
    const name = aliases.find(isAmong([other.model, ...other.aliases])) ?? [model].find(isAmong(other.aliases)) ?? null
    if (name !== null) throw taken({ name }, other)
    if (pattern !== null && other.pattern !== null && isAmong([other.pattern])(pattern)) throw taken({ pattern }, other)
  }
}

function isAmong(names: readonly string[]): (name: string) => boolean {
  const folded = new Set(names.map((name) => name.toLowerCase()))
  return (name) => folded.has(name.toLowerCase())
}

function taken(what: { name: string } | { pattern: string }, { id, model, effectiveFrom, effectiveTo }: Other) {
  const [[kind, text]] = Object.entries(what) as [[string, string]]
  const message = `the ${kind} ${JSON.stringify(text)} belongs to model ${JSON.stringify(model)} in that period`
  return new DomainError('conflict', message, { ...what, id, model, effectiveFrom, effectiveTo })
}
