import type { DomainError, NanoUsd } from '@mgx/contract'
import type { Requester } from '../../audit/audit-log.js'
import type { Price, Usage } from '../../prices/price.js'
import type { Scope } from '../../scope.js'

/** The hash detects that two calls with one idempotency key have different content. */
type Keyed = { readonly idempotencyKey: string | null; readonly requestHash: string }

/** Records a cost, whatever the budget. `price` is the error to reject with when the call cannot be priced. */
export type RecordOperation = Keyed & {
  readonly kind: 'record'
  readonly scope: Scope
  readonly projectId: number
  readonly usage: Usage
  readonly price: Price | DomainError
}

/** Reserves an amount if it fits. `amount` is the error to reject with when the call cannot be priced. */
export type ReserveOperation = Keyed & {
  readonly kind: 'reserve'
  readonly scope: Scope
  readonly projectId: number
  readonly amount: NanoUsd | DomainError
  readonly ttlSeconds: number
}

/** Records the cost of a reserved call and ends its hold. */
export type SettleOperation = {
  readonly kind: 'settle'
  readonly scope: Scope
  readonly reservationId: number
  readonly usage: Usage
  readonly price: Price | DomainError
  readonly requestHash: string
}

/** Releases a hold, because its call was not made. */
export type ReleaseOperation = { readonly kind: 'release'; readonly scope: Scope; readonly reservationId: number }

/** Moves the expiry of a hold to `ttlSeconds` from now. */
export type ExtendOperation = {
  readonly kind: 'extend'
  readonly scope: Scope
  readonly reservationId: number
  readonly ttlSeconds: number
}

/** Sets the total of a project by a correcting entry. */
export type AdjustOperation = Keyed & {
  readonly kind: 'adjust'
  readonly scope: Scope
  readonly projectId: number
  readonly total: NanoUsd
  readonly reason: string
  readonly requester: Requester
}

/** A record and the cost that it should have. */
export type Correction = {
  readonly projectId: number
  readonly recordId: number
  readonly usage: Usage
  readonly canonicalModel: string | null
  readonly cost: NanoUsd
}

/** Brings records, each named once, to these costs by correcting entries: all of them, or none. */
export type CorrectOperation = {
  readonly kind: 'correct'
  readonly scope: Scope
  readonly corrections: readonly Correction[]
  readonly requester: Requester
}

/** Expires a hold if it is due. */
export type ExpireOperation = { readonly kind: 'expire'; readonly reservationId: number }

export type Operation =
  | RecordOperation
  | ReserveOperation
  | SettleOperation
  | ReleaseOperation
  | ExtendOperation
  | AdjustOperation
  | CorrectOperation
  | ExpireOperation
