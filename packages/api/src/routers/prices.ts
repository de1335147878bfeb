import { ListPricesInput, PriceOverride, PriceQuote, pageOf, QuotePriceInput, SetPriceInput } from '@mgx/contract'
import { listPrices, quotePrice, setPrice } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { procedure } from '../trpc.js'

export const prices = {
  quote: procedure({
    authority: 'read',
    rest: ['GET /prices/quote'],
    description: 'What a call would cost, and why: whose price it is, how much, and since when.',
  })
    .input(QuotePriceInput)
    .output(PriceQuote)
    .query(({ ctx, input }) => quotePrice(ctx.services.db, input)),

  list: procedure({
    authority: 'read',
    rest: ['GET /prices'],
    description: 'Our own prices, which go before the catalogue, newest first.',
  })
    .input(ListPricesInput)
    .output(pageOf(PriceOverride))
    .query(({ ctx, input }) => listPrices(ctx.services.db, input)),

  set: procedure({
    authority: 'admin:write',
    rest: ['POST /prices'],
    description:
      'Sets our own price of a model for a time; without an end it takes over from the one before it. Records keep their cost.',
  })
    .input(SetPriceInput)
    .output(PriceOverride)
    .mutation(({ ctx, input }) => setPrice(ctx.services.db, input, ctx.requester)),
} satisfies TRPCRouterRecord
