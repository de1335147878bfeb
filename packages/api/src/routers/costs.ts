import {
  AdjustCostInput,
  CostRecord,
  CostTotal,
  CostTotalInput,
  ListCostsInput,
  pageOf,
  RecordCostInput,
  RecordedCost,
  RecordManyInput,
  RecordManyOutput,
} from '@mgx/contract'
import { getProject, listCostRecords, totalCostRecords } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { adminProcedure, authenticatedProcedure } from '../trpc.js'

export const costs = {
  record: authenticatedProcedure
    .meta({
      description:
        'Writes the cost of one model call, also past the budget: the money is gone already. Without totalCost the call is priced here.',
    })
    .input(RecordCostInput)
    .output(RecordedCost)
    .mutation(({ ctx, input }) => ctx.services.ledger.record(ctx.scope, input)),

  recordMany: authenticatedProcedure
    .meta({ description: 'Writes up to 1,000 costs, each for itself: one that is refused leaves the others alone.' })
    .input(RecordManyInput)
    .output(RecordManyOutput)
    .mutation(async ({ ctx, input }) => ({ results: await ctx.services.ledger.recordMany(ctx.scope, input.records) })),

  list: authenticatedProcedure
    .meta({ description: 'The cost records of a project, newest first.' })
    .input(ListCostsInput)
    .output(pageOf(CostRecord))
    .query(async ({ ctx, input }) => {
      await getProject(ctx.services.db, ctx.scope, input.projectId)
      return listCostRecords(ctx.services.db, input)
    }),

  total: authenticatedProcedure
    .meta({ description: 'What the cost records of a project add up to.' })
    .input(CostTotalInput)
    .output(CostTotal)
    .query(async ({ ctx, input }) => {
      await getProject(ctx.services.db, ctx.scope, input.projectId)
      return totalCostRecords(ctx.services.db, input.projectId)
    }),

  adjust: adminProcedure
    .meta({
      description: 'Brings the total of a project to a figure by a correcting entry, with a reason for the audit log.',
    })
    .input(AdjustCostInput)
    .output(RecordedCost)
    .mutation(({ ctx, input }) => {
      const requester = { actor: `user:${ctx.caller.userId}`, requestId: ctx.requestId }
      return ctx.services.ledger.adjust(ctx.scope, input, requester)
    }),
} satisfies TRPCRouterRecord
