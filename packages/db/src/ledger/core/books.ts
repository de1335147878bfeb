import type { NanoUsd, ProjectStatus, ReservationStatus } from '@mgx/contract'
import type { Price, Usage } from '../../prices/price.js'

/**
 * A project as the ledger sees it. Amounts in nano-USD. `due` is the sum of due holds that are not in the books. It is
 * not part of `reserved` and does not reduce the budget, but the stored `reserved` includes it until the sweeper
 * expires them.
 */
export type ProjectAccount = {
  readonly id: number
  readonly userId: number
  readonly status: ProjectStatus
  readonly limit: NanoUsd
  readonly spent: NanoUsd
  readonly reserved: NanoUsd
  readonly due: NanoUsd
}

/** A user as the ledger sees it; `due` as in a project. Amounts in nano-USD; a null `limit` means no limit. */
export type UserAccount = {
  readonly id: number
  readonly limit: NanoUsd | null
  readonly spent: NanoUsd
  readonly reserved: NanoUsd
  readonly due: NanoUsd
}

/** The budget of a project right after an operation; a repeated call returns it again. Amounts in nano-USD. */
export type Standing = Pick<ProjectAccount, 'limit' | 'spent' | 'reserved'>

/** What a row keeps so that a repeated call returns the first result. */
export type Answerable = {
  readonly idempotencyKey: string | null
  readonly requestHash: string | null
  /** The project's budget right after the call; null in rows that no call can repeat. */
  readonly standing: Standing | null
}

/** A cost record; `id` is null until it is written. */
export type Charge = Answerable & {
  readonly id: number | null
  readonly userId: number
  readonly projectId: number
  readonly usage: Usage
  readonly price: Price
  readonly reservationId: number | null
  /** The record that this adjustment corrects. */
  readonly correctsRecordId: number | null
  readonly createdAt: string
}

/** A reservation; `id` is null until it is written. Instants are ISO-8601 UTC. */
export type Hold = Answerable & {
  readonly id: number | null
  readonly userId: number
  readonly projectId: number
  readonly amount: NanoUsd
  readonly status: ReservationStatus
  readonly expiresAt: string
  readonly resolvedAt: string | null
  /** The cost record it was settled with before this group. */
  readonly costRecordId: number | null
  readonly createdAt: string
}

/** Everything the operations of one group may read. Includes the accounts of all holds, locked. */
export type Books = {
  /** The database's clock, ISO-8601 UTC. */
  readonly now: string
  readonly projects: ReadonlyMap<number, ProjectAccount>
  readonly users: ReadonlyMap<number, UserAccount>
  /** The holds that operations name by id or key, and possibly other due holds. */
  readonly holds: ReadonlyMap<number, Hold>
  /** The charges that holds were settled with, by the id of the hold. */
  readonly settlements: ReadonlyMap<number, Charge>
  /** The costs of records that are to be corrected, with the corrections so far, by the id of the record. */
  readonly correctedCosts: ReadonlyMap<number, NanoUsd>
  /** Rows of earlier calls with an idempotency key, by {@link answerKey}. */
  readonly keyedCharges: ReadonlyMap<string, Charge>
  readonly keyedHolds: ReadonlyMap<string, Hold>
}

/** Returns the map key of an idempotency key: each project has its own idempotency keys. */
export function answerKey(projectId: number, idempotencyKey: string): string {
  return `${projectId}:${idempotencyKey}`
}
