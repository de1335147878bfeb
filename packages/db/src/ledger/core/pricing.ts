import type { DomainError, NanoUsd } from '@mgx/contract'
import type { CallBounds } from '../../prices/dearest-call.js'
import type { Price } from '../../prices/price.js'
import type { CallToPrice } from '../../prices/price-call.js'
import type { Operation, RecordOperation, ReserveOperation, SettleOperation } from './operation.js'

/** An operation that is priced once its accounts are locked. */
type UnpricedOperation =
  | (Omit<RecordOperation, 'price'> & { readonly toPrice: CallToPrice })
  | (Omit<SettleOperation, 'price'> & { readonly toPrice: CallToPrice })
  | (Omit<ReserveOperation, 'amount'> & { readonly bounds: CallBounds })
export type PendingOperation = Operation | UnpricedOperation

/** Returns whether an operation needs no price from here. */
export function isPriced(operation: PendingOperation): operation is Operation {
  return !('toPrice' in operation || 'bounds' in operation)
}

/** Both return the error for a call that cannot be priced. */
export type Pricing = {
  priceOf(call: CallToPrice): Price | DomainError
  dearestOf(bounds: CallBounds): NanoUsd | DomainError
}

/** Adds the prices of charges, and the amounts of holds that callers gave as the bounds of a call. */
export function priceOperations(asked: readonly PendingOperation[], pricing: Pricing): Operation[] {
  return asked.map((operation) => {
    if ('toPrice' in operation) {
      const { toPrice, ...charge } = operation
      return { price: pricing.priceOf(toPrice), ...charge }
    }
    if (!('bounds' in operation)) return operation
    const { bounds, ...hold } = operation
    return { amount: pricing.dearestOf(bounds), ...hold }
  })
}
