import { DomainError, formatUsd, invalidField, MAX_NANO_USD, type NanoUsd } from '@mgx/contract'
import { sameContent } from '../../content-hash.js'
import { EVERYTHING } from '../../scope.js'
import { answerKey, type Charge, type Hold, type Standing } from './books.js'
import { accountsOf, addCharge, changeHold, type Draft, holdOf, requireRoomFor, resolveHold } from './draft.js'
import type { ExtendOperation, ReleaseOperation, ReserveOperation, SettleOperation } from './operation.js'

/**
 * Reserves an amount if it fits in the budget of the project and in the spending limit of its user.
 * @throws DomainError `not_found`, `idempotency_mismatch`, `unknown_model`, `conflict` (the project has ended),
 *   `budget_exceeded` with the figures, `unavailable` (due holds not yet swept use up the largest storable amount).
 */
export function reserve(draft: Draft, operation: ReserveOperation): Hold {
  const { projectId, amount, idempotencyKey, requestHash } = operation
  const { project, user } = accountsOf(draft, projectId, operation.scope)
  const key = idempotencyKey === null ? null : answerKey(projectId, idempotencyKey)
  const earlier = key === null ? undefined : sameContent(draft.keyedHolds.get(key), requestHash)
  if (earlier) return earlier

  if (amount instanceof DomainError) throw amount
  if (project.status !== 'pending' && project.status !== 'running') {
    throw new DomainError('conflict', `a ${project.status} project takes no reservations`, { status: project.status })
  }
  const { limit } = user
  requireRoom(amount, [['project', project], ...(limit === null ? [] : [['user', { ...user, limit }] as const])])
  const userReserved = user.reserved + amount
  if (userReserved > MAX_NANO_USD) throw invalidField('amount', 'the reserved total would exceed the largest amount')
  if (userReserved + user.due > MAX_NANO_USD)
    throw new DomainError('unavailable', 'due reservations must be expired first: try again later')

  const standing = { ...project, reserved: project.reserved + amount }
  draft.projects.set(project.id, standing)
  draft.users.set(user.id, { ...user, reserved: userReserved })
  const hold: Hold = {
    id: null,
    userId: user.id,
    projectId,
    amount,
    status: 'held',
    expiresAt: later(draft.books.now, operation.ttlSeconds),
    resolvedAt: null,
    costRecordId: null,
    createdAt: draft.books.now,
    idempotencyKey,
    requestHash,
    standing,
  }
  draft.newHolds.push(hold)
  if (key !== null) draft.keyedHolds.set(key, hold)
  return hold
}

/**
 * Adds the cost of a reserved call and ends its hold, in one step. Adds the cost even after expiry or release, because
 * the money is already spent. A repeated call returns the first result.
 * @throws DomainError `not_found`, `unknown_model`, `invalid_input`; `reservation_closed` when the hold was already
 *   settled with different content.
 */
export function settle(draft: Draft, operation: SettleOperation): { hold: Hold; charge: Charge } {
  const { reservationId, scope, usage, price, requestHash } = operation
  const hold = holdOf(draft, reservationId, scope)
  const earlier = draft.settlements.get(reservationId) ?? draft.books.settlements.get(reservationId)
  if (earlier?.requestHash === requestHash) return { hold, charge: earlier }
  if (earlier) throw closed('settled')
  if (price instanceof DomainError) throw price

  // Checks first, because the charge is added last, so that its budget includes the end of the hold.
  requireRoomFor(accountsOf(draft, hold.projectId, EVERYTHING).user, price.amount)
  const resolved = hold.status === 'held' ? resolveHold(draft, hold, 'settled') : changeHold(draft, hold)
  const { projectId } = hold
  return {
    hold: resolved,
    charge: addCharge(draft, { projectId, usage, price, reservationId, idempotencyKey: null, requestHash }),
  }
}

/** Releases a hold; one that has expired or was released stays so. @throws DomainError `not_found`, `reservation_closed`. */
export function release(draft: Draft, { reservationId, scope }: ReleaseOperation): Hold {
  const hold = holdOf(draft, reservationId, scope)
  if (hold.status === 'settled') throw closed(hold.status)
  return hold.status === 'held' ? resolveHold(draft, hold, 'released') : hold
}

/** Expires a due hold, so that a repeated `reserve` with its key returns the expired hold too. */
export function expire(draft: Draft, hold: Hold): void {
  const expired = resolveHold(draft, hold, 'expired')
  if (hold.idempotencyKey !== null) draft.keyedHolds.set(answerKey(hold.projectId, hold.idempotencyKey), expired)
}

/** Moves the expiry of an open hold. @throws DomainError `not_found`, `reservation_closed`. */
export function extend(draft: Draft, { reservationId, scope, ttlSeconds }: ExtendOperation): Hold {
  const hold = holdOf(draft, reservationId, scope)
  if (hold.status !== 'held') throw closed(hold.status)
  return changeHold(draft, { ...hold, expiresAt: later(draft.books.now, ttlSeconds) })
}

type NamedStanding = readonly ['project' | 'user', Standing]

/**
 * @throws DomainError `budget_exceeded` when the amount does not fit in each of the accounts. Its `shortage` is `held` when
 *   the amount would fit if the open holds were gone, otherwise `spent`, with the figures of an account that is spent.
 */
function requireRoom(requested: NanoUsd, accounts: NamedStanding[]): void {
  const short = accounts.filter(([, { limit, spent, reserved }]) => spent + reserved + requested > limit)
  const refused = short.find(([, { limit, spent }]) => spent + requested > limit) ?? short[0]
  if (refused) throw budgetExceeded(refused, requested)
}

function budgetExceeded([account, { limit, spent, reserved }]: NamedStanding, requested: NanoUsd): DomainError {
  const left = limit - spent - reserved
  const figures = { limit, spent, reserved, remaining: left > 0n ? left : 0n, requested }
  const usd = Object.fromEntries(Object.entries(figures).map(([name, nano]) => [name, formatUsd(nano)]))
  const shortage = spent + requested <= limit ? 'held' : 'spent'
  const which = account === 'project' ? 'the budget of the project' : 'the spending limit of the user'
  const why = shortage === 'held' ? `until open holds of ${usd.reserved} USD end` : `with ${usd.spent} USD spent`
  return new DomainError(
    'budget_exceeded',
    `${usd.requested} USD requested, but ${which} has ${usd.remaining} USD left of ${usd.limit}, ${why}`,
    { account, ...usd, shortage },
  )
}

function closed(status: string): DomainError {
  return new DomainError('reservation_closed', `the reservation is ${status}`, { status })
}

function later(now: string, seconds: number): string {
  return new Date(Date.parse(now) + seconds * 1_000).toISOString()
}
