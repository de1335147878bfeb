import { DomainError, type NanoUsd } from '@mgx/contract'
import type { Price } from '../../prices/price.js'
import type { CallToPrice } from '../../prices/price-call.js'
import type { Operation, RecordOperation, ReserveOperation, SettleOperation } from './operation.js'

/** An operation without a price from the caller; it is priced once its accounts are locked. */
type Unpriced<Priced, Field extends keyof Priced> = Omit<Priced, Field> & { readonly toPrice: CallToPrice }
type UnpricedOperation =
  | Unpriced<RecordOperation, 'price'>
  | Unpriced<SettleOperation, 'price'>
  | Unpriced<ReserveOperation, 'amount'>
export type PendingOperation = Operation | UnpricedOperation

/** Returns the price of a call, or the error for a call that cannot be priced. */
type PriceOf = (call: CallToPrice) => Price | DomainError

/** Prices the operations that callers gave no cost for. */
export function priceOperations(asked: readonly PendingOperation[], priceOf: PriceOf): Operation[] {
  return asked.map((operation) => ('toPrice' in operation ? priced(operation, priceOf) : operation))
}

function priced({ toPrice, ...operation }: UnpricedOperation, priceOf: PriceOf): Operation {
  if (operation.kind === 'reserve') return { amount: mostOf(toPrice, priceOf), ...operation }
  return { price: priceOf(toPrice), ...operation }
}

/** Returns the most a call can cost: how much of its prompt will come from the cache is not known yet. */
function mostOf(call: CallToPrice, priceOf: PriceOf): NanoUsd | DomainError {
  const priced = [0, call.usage.promptTokens].map((cachedPromptTokens) =>
    priceOf({ ...call, usage: { ...call.usage, cachedPromptTokens } }),
  )
  let most = 0n
  for (const price of priced) {
    if (price instanceof DomainError) return price
    if (price.amount > most) most = price.amount
  }
  return most
}
