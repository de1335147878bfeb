import { formatUsd, invalidField, MAX_NANO_USD, type NanoUsd, notFound, type ReservationStatus } from '@mgx/contract'
import type { AuditedChange } from '../../audit/audit-log.js'
import { EVERYTHING, inScope, type Scope } from '../../scope.js'
import { answerKey, type Books, type Charge, type Hold, type ProjectAccount, type UserAccount } from './books.js'

/** The state while a group is decided: the books, and the changes so far. */
export type Draft = {
  readonly books: Books
  readonly projects: Map<number, ProjectAccount>
  readonly users: Map<number, UserAccount>
  readonly holds: Map<number, Hold>
  readonly settlements: Map<number, Charge>
  readonly correctedCosts: Map<number, NanoUsd>
  readonly newCharges: Charge[]
  readonly newHolds: Hold[]
  readonly keyedCharges: Map<string, Charge>
  readonly keyedHolds: Map<string, Hold>
  readonly audits: AuditedChange[]
}

export function openDraft(books: Books): Draft {
  return {
    books,
    projects: new Map(),
    users: new Map(),
    holds: new Map(),
    settlements: new Map(),
    correctedCosts: new Map(books.correctedCosts),
    newCharges: [],
    newHolds: [],
    keyedCharges: new Map(books.keyedCharges),
    keyedHolds: new Map(books.keyedHolds),
    audits: [],
  }
}

export type Accounts = { project: ProjectAccount; user: UserAccount }

/** Returns the current accounts of a project in scope and of its user. @throws DomainError `not_found`. */
export function accountsOf(draft: Draft, projectId: number, scope: Scope): Accounts {
  const project = draft.projects.get(projectId) ?? draft.books.projects.get(projectId)
  if (!project || !inScope(scope, { userId: project.userId, projectId })) throw notFound('project')
  const user = draft.users.get(project.userId) ?? draft.books.users.get(project.userId)
  if (!user) throw new Error(`the account of user ${project.userId} is not in the books`)
  return { project, user }
}

/** Returns the current state of a hold in scope. @throws DomainError `not_found`. */
export function holdOf(draft: Draft, id: number, scope: Scope): Hold {
  const hold = draft.holds.get(id) ?? draft.books.holds.get(id)
  if (!hold || !inScope(scope, hold)) throw notFound('reservation')
  return hold
}

type Links = 'reservationId' | 'correctsRecordId'
type NewCharge = Omit<Charge, 'id' | 'userId' | 'createdAt' | 'standing' | Links> & Partial<Pick<Charge, Links>>

/**
 * Adds a charge to the totals of its project and user.
 * @throws DomainError `invalid_input`, before any change, when a total would exceed the largest amount.
 */
export function addCharge(draft: Draft, charge: NewCharge): Charge {
  const { project, user } = accountsOf(draft, charge.projectId, EVERYTHING)
  const { amount } = charge.price
  const after = { ...project, spent: project.spent + amount }
  const userAfter = { ...user, spent: user.spent + amount }
  requireRoomFor(user, amount)
  draft.projects.set(project.id, after)
  draft.users.set(user.id, userAfter)
  const links = { reservationId: null, correctsRecordId: null }
  const added = { id: null, userId: user.id, createdAt: draft.books.now, standing: after, ...links, ...charge }
  draft.newCharges.push(added)
  if (charge.idempotencyKey) draft.keyedCharges.set(answerKey(project.id, charge.idempotencyKey), added)
  if (charge.reservationId) draft.settlements.set(charge.reservationId, added)
  return added
}

/** @throws DomainError `invalid_input` when the total of a user would exceed the largest amount. */
export function requireRoomFor({ spent }: UserAccount, amount: NanoUsd): void {
  if (spent + amount <= MAX_NANO_USD) return
  throw invalidField('totalCost', `the total would exceed the largest amount, ${formatUsd(MAX_NANO_USD)} USD`)
}

/** Ends an open hold and subtracts its amount from the reserved amounts of its project and user. */
export function resolveHold(draft: Draft, hold: Hold, status: Exclude<ReservationStatus, 'held'>): Hold {
  const { project, user } = accountsOf(draft, hold.projectId, EVERYTHING)
  draft.projects.set(project.id, { ...project, reserved: project.reserved - hold.amount })
  draft.users.set(user.id, { ...user, reserved: user.reserved - hold.amount })
  return changeHold(draft, { ...hold, status, resolvedAt: draft.books.now })
}

export function changeHold(draft: Draft, hold: Hold): Hold {
  if (hold.id === null) throw new Error('a hold that has not been written yet cannot change')
  draft.holds.set(hold.id, hold)
  return hold
}
