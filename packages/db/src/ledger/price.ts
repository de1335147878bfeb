import { DomainError, notFound, type PriceOverride } from '@mgx/contract'
import type { Knex } from 'knex'
import { type CallToPrice, priceCall } from '../prices/price-call.js'
import { overridesInForce } from '../stores/prices.js'
import type { Price } from './core/books.js'
import type { Operation, RecordOperation, ReserveOperation, SettleOperation } from './core/operation.js'

/** An operation whose call the caller did not price; it is priced once its accounts are locked. */
type Unpriced<Priced, Field extends keyof Priced> = Omit<Priced, Field> & { readonly toPrice: CallToPrice }
type UnpricedOperation =
  | Unpriced<RecordOperation, 'price'>
  | Unpriced<SettleOperation, 'price'>
  | Unpriced<ReserveOperation, 'amount'>
export type AskedOperation = Operation | UnpricedOperation

/**
 * Prices what callers did not, at the instant of the group (empty when it found no account). Overrides are read once a
 * group and in its transaction, never kept: one that any server has set counts for the next call.
 */
export async function priceOperations(
  trx: Knex.Transaction,
  now: string,
  asked: readonly AskedOperation[],
): Promise<Operation[]> {
  const models = new Set(asked.flatMap((operation) => ('toPrice' in operation ? [operation.toPrice.usage.model] : [])))
  const overrides = models.size > 0 && now ? await overridesInForce(trx, [...models], now) : new Map()
  return asked.map((operation) => ('toPrice' in operation ? priced(operation, now, overrides) : operation))
}

function priced(
  { toPrice, ...operation }: UnpricedOperation,
  now: string,
  overrides: ReadonlyMap<string, PriceOverride>,
): Operation {
  const override = overrides.get(toPrice.usage.model)
  const priceOf = (call: CallToPrice) => (now ? priceCall(call, now, override) : notFound('project'))
  if (operation.kind === 'reserve') return { ...operation, amount: mostOf(toPrice, priceOf) }
  return { ...operation, price: priceOf(toPrice) }
}

/** What a call costs at most: nobody knows yet how much of its prompt will come from the cache. */
function mostOf(call: CallToPrice, priceOf: (call: CallToPrice) => Price | DomainError): bigint | DomainError {
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
