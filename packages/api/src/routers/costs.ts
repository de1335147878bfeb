import {
  AdjustCostInput,
  CostId,
  CostRecord,
  CostTimeline,
  CostTimelineInput,
  CostTotal,
  CostTotalInput,
  ListCostsInput,
  pageOf,
  RecordCostInput,
  RecordedCost,
  RecordManyInput,
  RecordManyOutput,
  RecordUsageInput,
  WatchCostsInput,
  WatchedCost,
} from '@mgx/contract'
import { costTimeline, getCostRecord, getProject, listCostRecords, totalCostRecords } from '@mgx/db'
import { type TRPCRouterRecord, type TrackedEnvelope, tracked } from '@trpc/server'
import { streamOf } from '../stream-of.js'
import { procedure } from '../trpc.js'
import type { OpenStream } from '../watch/open-streams.js'

export const costs = {
  record: procedure({
    authority: 'record',
    rest: ['POST /projects/{projectId}/costs'],
    grouped: true,
    description:
      'Records the cost of one model call, even past the budget, because the money is already spent. Without totalCost, the server prices the call.',
  })
    .input(RecordCostInput)
    .output(RecordedCost)
    .mutation(({ ctx, input }) => ctx.services.ledger.record(ctx.scope, input, ctx.turn)),

  recordMany: procedure({
    authority: 'record',
    rest: ['POST /costs'],
    description: 'Records up to 1,000 costs, each independently: a refused one does not affect the others.',
  })
    .input(RecordManyInput)
    .output(RecordManyOutput)
    .mutation(async ({ ctx, input }) => ({
      results: await ctx.services.ledger.recordMany(ctx.scope, input.records, ctx.turn),
    })),

  recordUsage: procedure({
    authority: 'record',
    rest: ['POST /projects/{projectId}/usage'],
    grouped: true,
    description:
      "Records the cost of one model call from the provider's response body or usage object: its model, its tokens and anything else that was charged.",
  })
    .input(RecordUsageInput)
    .output(RecordedCost)
    .mutation(({ ctx, input }) => ctx.services.ledger.recordUsage(ctx.scope, input, ctx.turn)),

  get: procedure({ authority: 'read', rest: ['GET /costs/{id}'], description: 'Returns a cost record by id.' })
    .input(CostId)
    .output(CostRecord)
    .query(({ ctx, input }) => getCostRecord(ctx.services.db, ctx.scope, input.id)),

  list: procedure({
    authority: 'read',
    rest: ['GET /projects/{projectId}/costs'],
    description: 'Lists the cost records of a project, newest first.',
  })
    .input(ListCostsInput)
    .output(pageOf(CostRecord))
    .query(({ ctx, input }) => listCostRecords(ctx.services.db, ctx.scope, input)),

  total: procedure({
    authority: 'read',
    rest: ['GET /projects/{projectId}/costs/total'],
    description: 'Returns the totals of the cost records of a project.',
  })
    .input(CostTotalInput)
    .output(CostTotal)
    .query(({ ctx, input }) => totalCostRecords(ctx.services.db, ctx.scope, input.projectId)),

  timeline: procedure({
    authority: 'read',
    rest: ['GET /projects/{projectId}/costs/timeline'],
    description: 'Returns what a project spent over time, for a chart: its total at some points of its run.',
  })
    .input(CostTimelineInput)
    .output(CostTimeline)
    .query(({ ctx, input }) => costTimeline(ctx.services.db, ctx.scope, input)),

  watch: procedure({
    authority: 'read',
    description:
      'Streams the cost records of a project as any server commits them: each exactly once, in the order of their ids.',
  })
    .input(WatchCostsInput)
    .output(streamOf(WatchedCost))
    .subscription(async ({ ctx, input, signal }) => {
      const { db, watch, streams } = ctx.services
      const { projectId, lastEventId } = input
      const project = await getProject(db, ctx.scope, projectId)
      const start = await watch.start(projectId, lastEventId)
      const stream = await streams.open(ctx.caller, project, signal)
      // Tells a client whose connection breaks before the first record where to resume.
      ctx.answerHeaders['last-event-id'] = String(start)
      return trackedCosts(stream, watch.records(projectId, start, stream.signal))
    }),

  adjust: procedure({
    authority: 'admin',
    rest: ['POST /projects/{projectId}/adjustments'],
    grouped: true,
    description: 'Sets the total cost of a project by adding an adjustment, with a reason for the audit log.',
  })
    .input(AdjustCostInput)
    .output(RecordedCost)
    .mutation(({ ctx, input }) => ctx.services.ledger.adjust(ctx.scope, input, ctx.requester, ctx.turn)),
} satisfies TRPCRouterRecord

async function* trackedCosts(
  stream: OpenStream,
  costs: AsyncIterable<WatchedCost>,
): AsyncGenerator<TrackedEnvelope<WatchedCost>, void> {
  try {
    for await (const cost of costs) yield tracked(String(cost.record.id), cost)
  } finally {
    stream.close()
  }
}
