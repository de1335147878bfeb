import type { NanoUsd, ReservationStatus } from '@mgx/contract'
import type { Books, Charge } from './core/books.js'
import type { Decision } from './core/decide.js'

/** What a group changed. Repeated calls, which return an earlier result, changed nothing. */
export type Changes = {
  /** The new cost records, adjustments included. */
  readonly charges: readonly Charge[]
  /** By how much new costs exceeded their holds, in nano-USD. */
  readonly overrun: NanoUsd
  /** How many holds ended, by their new status. */
  readonly ended: Readonly<Record<Exclude<ReservationStatus, 'held'>, number>>
  /** How many holds were refused because they did not fit, by the account without room. */
  readonly budgetRefusals: Readonly<Record<'project' | 'user', number>>
}

/** A group that was committed: how many operations it had, and how long its transaction took. */
export type CommittedGroup = Changes & { readonly operations: number; readonly milliseconds: number }

/** Is told what the ledger does. Its methods must be quick and must not throw. */
export type LedgerObserver = {
  /** Called after each commit, before the group's calls resolve. */
  committed(group: CommittedGroup): void
}

/** Returns what a decision changes in the books. */
export function changesOf(books: Books, { newCharges, changedHolds, outcomes }: Decision): Changes {
  const ended = { settled: 0, released: 0, expired: 0 }
  for (const [id, { status }] of changedHolds) {
    // A late settlement names a hold that has ended before.
    if (status !== 'held' && books.holds.get(id)?.status === 'held') ended[status] += 1
  }
  let overrun = 0n
  for (const { reservationId, price } of newCharges) {
    const hold = reservationId === null ? undefined : changedHolds.get(reservationId)
    if (hold && price.amount > hold.amount) overrun += price.amount - hold.amount
  }
  const budgetRefusals = { project: 0, user: 0 }
  for (const outcome of outcomes) {
    if (outcome.kind !== 'refused' || outcome.error.reason !== 'budget_exceeded') continue
    budgetRefusals[outcome.error.details?.account === 'user' ? 'user' : 'project'] += 1
  }
  return { charges: newCharges, overrun, ended, budgetRefusals }
}
