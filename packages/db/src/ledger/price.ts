import { DomainError, notFound, type PriceOverride } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
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

type Overrides = ReadonlyMap<string, PriceOverride>

/**
 * Our own prices of the models that callers did not price, by model. Read once a group and in its transaction, never
 * kept: one that any server has set counts for the next call.
 */
export async function findOverrides(trx: Knex.Transaction, asked: readonly AskedOperation[]): Promise<Overrides> {
  const models = new Set(asked.flatMap((operation) => ('toPrice' in operation ? [operation.toPrice.usage.model] : [])))
  return models.size > 0 ? overridesInForce(trx, [...models], trx.raw(dialectOf(trx).now)) : new Map()
}

/** Prices what callers did not, at the instant of the group (empty when it found no account). */
export function priceOperations(asked: readonly AskedOperation[], now: string, overrides: Overrides): Operation[] {
  return asked.map((operation) => ('toPrice' in operation ? priced(operation, now, overrides) : operation))
}

function priced({ toPrice, ...operation }: UnpricedOperation, now: string, overrides: Overrides): Operation {
  const override = overrides.get(toPrice.usage.model)
  const priceOf = (call: CallToPrice) => (now ? priceCall(call, now, override) : notFound('project'))
  if (operation.kind === 'reserve') return { amount: mostOf(toPrice, priceOf), ...operation }
  return { price: priceOf(toPrice), ...operation }
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
