import { formatUsd, type ListPricesInput, type QuotePriceInput, type SetPriceInput } from '@mgx/contract'
import { priceByOverride, whyOfOverride } from '@mgx/db/core'
import { pageOf } from '../page.js'
import { overrideInForce, priceOf, setPrice } from '../price-overrides.js'
import { admin, authenticated } from '../procedure.js'

export const prices = {
  quote: authenticated(({ memory }, { at = memory.now(), ...tokens }: QuotePriceInput) => {
    const override = overrideInForce(memory, tokens.model, at)
    const { amount } = priceByOverride({ ...tokens, actionType: null }, override)
    return { totalCost: formatUsd(amount), at, ...(override && whyOfOverride(override)) }
  }),

  list: authenticated(({ memory }, input: ListPricesInput) => {
    const rows = [...memory.tables.prices.values()].filter(({ model }) => (input.model ?? model) === model)
    const page = pageOf(rows, input, ({ id }) => id)
    return { ...page, items: page.items.map(priceOf) }
  }),

  set: admin(({ memory }, input: SetPriceInput) => setPrice(memory, input)),
}
