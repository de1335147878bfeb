import { DomainError, invalidField, type PriceOverride, type SetPriceInput } from '@mgx/contract'

/** The period in which an override is in force. */
export type Period = Pick<PriceOverride, 'effectiveFrom' | 'effectiveTo'>

/** Returns the content that a repeated call must match to count as the same price. */
export function priceContent({ idempotencyKey: _, ...asked }: SetPriceInput): unknown[] {
  const { aliases, tiers, serviceTiers, effectiveTo } = asked
  return [
    {
      ...asked,
      aliases: aliases?.length ? aliases : undefined,
      tiers: tiers?.length ? tiers : undefined,
      serviceTiers: serviceTiers && Object.keys(serviceTiers).length > 0 ? serviceTiers : undefined,
      effectiveTo: effectiveTo ?? undefined,
    },
  ]
}

/** Returns when a price set for now starts: the first millisecond from `now` at which no other price starts. */
export function firstFreeInstant(starts: Iterable<string>, now: string): string {
  const taken = new Set(starts)
  let instant = now
  while (taken.has(instant)) instant = new Date(Date.parse(instant) + 1).toISOString()
  return instant
}

/** Checks that a period's end is after its start. @throws DomainError `invalid_input`. */
export function requireOrder({ effectiveFrom, effectiveTo }: Period): void {
  if (effectiveTo === null || effectiveTo > effectiveFrom) return
  throw invalidField('effectiveTo', 'must be after effectiveFrom')
}

/**
 * Returns the override that a new one replaces: an earlier one without an end. Null when nothing overlaps. `[other,
 * ...more]` are the model's overrides that overlap the new period, in order of their starts.
 * @throws DomainError `conflict` when the period overlaps in any other way.
 */
export function replacedBy<Override extends Period & { id: number }>(
  { effectiveFrom, effectiveTo }: Period,
  [other, ...more]: readonly Override[],
  now: string,
): Override | null {
  if (!other) return null
  const isFollowed = effectiveTo === null && other.effectiveTo === null && other.effectiveFrom < effectiveFrom
  if (!isFollowed || more.length > 0) throw overlap(other, 'this model already has a price in that period')
  if (effectiveFrom < now) throw overlap(other, 'a price that has been in force can only end now or later')
  return other
}

function overlap({ id, effectiveFrom, effectiveTo }: Period & { id: number }, message: string): DomainError {
  return new DomainError('conflict', message, { id, effectiveFrom, effectiveTo })
}
