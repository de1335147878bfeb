import { DomainError, invalidField, type PriceOverride, type SetPriceInput } from '@mgx/contract'

/** The time that an override is in force. */
export type Period = Pick<PriceOverride, 'effectiveFrom' | 'effectiveTo'>

/** What makes a repeated idempotency key the same price. */
export function priceContent({ idempotencyKey: _, effectiveTo, ...asked }: SetPriceInput): unknown[] {
  return [{ ...asked, effectiveTo: effectiveTo ?? undefined }]
}

/** When a price begins that is set for now: two that are set in one millisecond must not begin at one instant. */
export function firstFreeInstant(starts: Iterable<string>, now: string): string {
  const taken = new Set(starts)
  let instant = now
  while (taken.has(instant)) instant = new Date(Date.parse(instant) + 1).toISOString()
  return instant
}

/** @throws DomainError `invalid_input` for an end that is not after the start. */
export function requireOrder({ effectiveFrom, effectiveTo }: Period): void {
  if (effectiveTo === null || effectiveTo > effectiveFrom) return
  throw invalidField('effectiveTo', 'must be after effectiveFrom')
}

/**
 * The override that a new one takes over from, of those of its model that overlap it, in the order of their starts: the
 * one without an end before it. Null when there is none.
 * @throws DomainError `conflict` when the period is not free otherwise.
 */
export function replacedBy<Override extends PriceOverride>(
  { effectiveFrom, effectiveTo }: Period,
  [other, ...more]: readonly Override[],
  now: string,
): Override | null {
  if (!other) return null
  const isFollowed = effectiveTo === null && other.effectiveTo === null && other.effectiveFrom < effectiveFrom
  if (!isFollowed || more.length > 0) throw overlap(other, 'there is a price of this model for that time')
  if (effectiveFrom < now) throw overlap(other, 'a price that was in force can be ended from now on only')
  return other
}

function overlap({ id, effectiveFrom, effectiveTo }: PriceOverride, message: string): DomainError {
  return new DomainError('conflict', message, { id, effectiveFrom, effectiveTo })
}
