import type { NanoUsd, ProjectStatus, ReservationStatus } from '@mgx/contract'
import type { Price, Usage } from '../../prices/price.js'

/**
 * A project as the ledger sees it. Amounts in nano-USD. `due` is what due holds hold that are not in the books: it is no
 * part of `reserved` and counts for nothing, but what is stored as reserved includes it until the sweeper was there.
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

/** A user as the ledger sees it; `due` as in a project. Amounts in nano-USD; no limit is null. */
export type UserAccount = {
  readonly id: number
  readonly limit: NanoUsd | null
  readonly spent: NanoUsd
  readonly reserved: NanoUsd
  readonly due: NanoUsd
}

/** The budget of a project at one moment: what an operation answered, and answers again. Amounts in nano-USD. */
export type Standing = Pick<ProjectAccount, 'limit' | 'spent' | 'reserved'>

/** What is kept so that the same call again is answered as the first time. */
export type Answerable = {
  readonly idempotencyKey: string | null
  readonly requestHash: string | null
  /** The project right after it; null in rows that nobody can ask for again. */
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
  /** What it was settled with before this group. */
  readonly costRecordId: number | null
  readonly createdAt: string
}

/** Everything the operations of one group may look at. The accounts of all holds are there, and locked. */
export type Books = {
  /** The database's clock, ISO-8601 UTC. */
  readonly now: string
  readonly projects: ReadonlyMap<number, ProjectAccount>
  readonly users: ReadonlyMap<number, UserAccount>
  /** The holds that operations name, by id or key, and any others that may be due. */
  readonly holds: ReadonlyMap<number, Hold>
  /** What holds were settled with, by the id of the hold. */
  readonly settlements: ReadonlyMap<number, Charge>
  /** Earlier answers, by {@link answerKey}. */
  readonly keyedCharges: ReadonlyMap<string, Charge>
  readonly keyedHolds: ReadonlyMap<string, Hold>
}

/** Where an answer is found again: idempotency keys are a project's own. */
export function answerKey(projectId: number, idempotencyKey: string): string {
  return `${projectId}:${idempotencyKey}`
}
