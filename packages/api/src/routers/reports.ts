import { ProjectSpend, pageOf, ReportInput, UserSpend } from '@mgx/contract'
import { projectSpend, userSpend } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { authenticatedProcedure, userProcedure } from '../trpc.js'

export const reports = {
  projects: authenticatedProcedure
    .meta({ description: 'What each project has cost, newest first, those without costs too.' })
    .input(ReportInput)
    .output(pageOf(ProjectSpend))
    .query(({ ctx, input }) => projectSpend(ctx.services.db, ctx.scope, input)),

  users: userProcedure
    .meta({ description: 'How many projects each user has and what they have cost, newest first.' })
    .input(ReportInput)
    .output(pageOf(UserSpend))
    .query(({ ctx, input }) => userSpend(ctx.services.db, ctx.scope, input)),
} satisfies TRPCRouterRecord
