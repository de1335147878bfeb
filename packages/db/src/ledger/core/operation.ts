import type { DomainError, NanoUsd } from '@mgx/contract'
import type { Price, Usage } from '../../prices/price.js'
import type { Scope } from '../../scope.js'

/** The hash tells the content of two calls with one idempotency key apart. */
type Keyed = { readonly idempotencyKey: string | null; readonly requestHash: string }

/** "Write this cost", whatever the budget says. A price that is not known is the refusal it leads to. */
export type RecordOperation = Keyed & {
  readonly kind: 'record'
  readonly scope: Scope
  readonly projectId: number
  readonly usage: Usage
  readonly price: Price | DomainError
}

/** "Hold this amount for so many seconds, if it fits." */
export type ReserveOperation = Keyed & {
  readonly kind: 'reserve'
  readonly scope: Scope
  readonly projectId: number
  readonly amount: NanoUsd | DomainError
  readonly ttlSeconds: number
}

/** "This is what the held call cost." */
export type SettleOperation = {
  readonly kind: 'settle'
  readonly scope: Scope
  readonly reservationId: number
  readonly usage: Usage
  readonly price: Price | DomainError
  readonly requestHash: string
}

/** "The call was not made." */
export type ReleaseOperation = { readonly kind: 'release'; readonly scope: Scope; readonly reservationId: number }

/** "It takes longer: hold it for so many seconds from now." */
export type ExtendOperation = {
  readonly kind: 'extend'
  readonly scope: Scope
  readonly reservationId: number
  readonly ttlSeconds: number
}

/** "The total shall be this", by a correcting entry. */
export type AdjustOperation = Keyed & {
  readonly kind: 'adjust'
  readonly scope: Scope
  readonly projectId: number
  readonly total: NanoUsd
  readonly reason: string
  readonly actor: string
  readonly requestId: string
}

/** "Expire this hold, if it is due." */
export type ExpireOperation = { readonly kind: 'expire'; readonly reservationId: number }

export type Operation =
  | RecordOperation
  | ReserveOperation
  | SettleOperation
  | ReleaseOperation
  | ExtendOperation
  | AdjustOperation
  | ExpireOperation
