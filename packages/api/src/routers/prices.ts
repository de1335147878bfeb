import {
  ListPricedModelsInput,
  ListPricesInput,
  ListUnknownModelsInput,
  PricedModel,
  PriceOverride,
  PriceQuote,
  pageOf,
  QuotePriceInput,
  RepriceInput,
  RepriceOutput,
  SetPriceInput,
  UnknownModel,
} from '@mgx/contract'
import { listPricedModels, listPrices, listUnknownModels, quotePrice, setPrice } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { procedure } from '../trpc.js'

export const prices = {
  quote: procedure({
    authority: 'read',
    rest: ['GET /prices/quote'],
    description:
      'Returns what a call would cost, and why: the breakdown, the rule that matched the model name, and the period of its price.',
  })
    .input(QuotePriceInput)
    .output(PriceQuote)
    .query(({ ctx, input }) => quotePrice(ctx.services.db, input)),

  list: procedure({
    authority: 'read',
    rest: ['GET /prices'],
    description:
      'Lists the price overrides, newest first. An override takes precedence over the catalogue for its model and its other names.',
  })
    .input(ListPricesInput)
    .output(pageOf(PriceOverride))
    .query(({ ctx, input }) => listPrices(ctx.services.db, input)),

  models: procedure({
    authority: 'read',
    rest: ['GET /prices/models'],
    description:
      "Lists the models of the catalogue with their current prices, by name and provider, each with the override that is in force beside the catalogue's price.",
  })
    .input(ListPricedModelsInput)
    .output(pageOf(PricedModel))
    .query(({ ctx, input }) => listPricedModels(ctx.services.db, input)),

  unknown: procedure({
    authority: 'admin',
    rest: ['GET /prices/unknown'],
    description:
      'Lists models for which calls were recently refused because they have no price. Setting a price takes a model off the list.',
  })
    .input(ListUnknownModelsInput)
    .output(pageOf(UnknownModel))
    .query(({ ctx, input }) => listUnknownModels(ctx.services.db, input)),

  reprice: procedure({
    authority: 'admin',
    rest: ['POST /prices/reprice'],
    description:
      'Compares cost records with the prices that were in force when they were written, including prices that were entered later, and writes an adjustment for each record that differs. Returns one page of them. Repeating the call writes nothing more.',
    idempotent: true,
  })
    .input(RepriceInput)
    .output(RepriceOutput)
    .mutation(({ ctx, input }) => ctx.services.ledger.reprice(ctx.scope, input, ctx.requester, ctx.turn)),

  set: procedure({
    authority: 'admin',
    rest: ['POST /prices'],
    description:
      'Sets a price override for a model, its aliases and a pattern of further names, for a period. Without an end, it ends the previous open override of the model. A name can belong to only one model at a time. Cost records keep their cost.',
  })
    .input(SetPriceInput)
    .output(PriceOverride)
    .mutation(({ ctx, input }) => setPrice(ctx.services.db, input, ctx.requester)),
} satisfies TRPCRouterRecord
