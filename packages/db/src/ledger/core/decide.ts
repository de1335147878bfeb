import { DomainError } from '@mgx/contract'
import type { AuditedChange } from '../../audit/audit-log.js'
import type { Books, Charge, Hold, ProjectAccount, Standing, UserAccount } from './books.js'
import { adjust, correct, record } from './charges.js'
import { type Draft, openDraft } from './draft.js'
import { expire, extend, release, reserve, settle } from './holds.js'
import type { Operation } from './operation.js'

export type Outcome =
  | { readonly kind: 'charged'; readonly charge: Charge }
  | { readonly kind: 'settled'; readonly charge: Charge; readonly hold: Hold }
  | { readonly kind: 'held'; readonly hold: Hold; readonly standing: Standing }
  | { readonly kind: 'corrected'; readonly adjustments: readonly (Charge | null)[] }
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused'; readonly error: DomainError }

/** The rows to write, and one outcome per operation, in order. Contains only the accounts and holds that changed. */
export type Decision = {
  readonly now: string
  readonly projects: ReadonlyMap<number, ProjectAccount>
  readonly users: ReadonlyMap<number, UserAccount>
  readonly changedHolds: ReadonlyMap<number, Hold>
  readonly newCharges: readonly Charge[]
  readonly newHolds: readonly Hold[]
  readonly audits: readonly AuditedChange[]
  readonly outcomes: readonly Outcome[]
}

/**
 * Decides a group of operations one after the other, as if each were alone, after expiring the due holds in the books.
 * Pure: the same books and operations give the same decision. A refused operation changes nothing and does not use up
 * its idempotency key.
 */
export function decide(books: Books, operations: readonly Operation[]): Decision {
  const draft = openDraft(books)
  for (const hold of books.holds.values()) {
    if (hold.status === 'held' && hold.expiresAt <= books.now) expire(draft, hold)
  }
  const outcomes = operations.map((operation) => outcomeOf(draft, operation))
  const { projects, users, holds, newCharges, newHolds, audits } = draft
  return { now: books.now, projects, users, changedHolds: holds, newCharges, newHolds, audits, outcomes }
}

/** Every operation checks before it changes anything, so a throw leaves the draft unchanged. */
function outcomeOf(draft: Draft, operation: Operation): Outcome {
  try {
    return apply(draft, operation)
  } catch (error) {
    if (error instanceof DomainError) return { kind: 'refused', error }
    throw error
  }
}

function apply(draft: Draft, operation: Operation): Outcome {
  switch (operation.kind) {
    case 'record':
      return { kind: 'charged', charge: record(draft, operation) }
    case 'adjust':
      return { kind: 'charged', charge: adjust(draft, operation) }
    case 'correct':
      return { kind: 'corrected', adjustments: correct(draft, operation) }
    case 'settle':
      return { kind: 'settled', ...settle(draft, operation) }
    case 'reserve': {
      const hold = reserve(draft, operation)
      return { kind: 'held', hold, standing: hold.standing ?? standingOf(draft, hold) }
    }
    case 'release':
      return held(draft, release(draft, operation))
    case 'extend':
      return held(draft, extend(draft, operation))
    case 'expire':
      return { kind: 'expired' }
  }
}

function held(draft: Draft, hold: Hold): Outcome {
  return { kind: 'held', hold, standing: standingOf(draft, hold) }
}

function standingOf(draft: Draft, { projectId }: Hold): Standing {
  const project = draft.projects.get(projectId) ?? draft.books.projects.get(projectId)
  if (!project) throw new Error(`the account of project ${projectId} is not in the books`)
  return project
}
