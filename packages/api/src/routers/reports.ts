import { ProjectSpend, pageOf, ReportInput, Spend, SpendInput, UserSpend } from '@mgx/contract'
import { getProject, getUser, projectSpend, spend, userSpend } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { userScopeOf } from '../authority/actor.js'
import { procedure } from '../trpc.js'

export const reports = {
  spend: procedure({
    authority: 'read',
    rest: ['GET /reports/spend'],
    description:
      'Returns what was spent, by day, user, project, model and action type in any combination, ascending. Adjustments are included.',
  })
    .input(SpendInput)
    .output(pageOf(Spend))
    .query(async ({ ctx, input }) => {
      const { db } = ctx.services
      if (input.userId !== undefined) await getUser(db, userScopeOf(ctx.caller), input.userId)
      if (input.projectId !== undefined) await getProject(db, ctx.scope, input.projectId)
      return spend(db, ctx.scope, input)
    }),

  projects: procedure({
    authority: 'read',
    rest: ['GET /reports/projects'],
    description: 'Returns the total cost of each project, newest first, including projects without costs.',
  })
    .input(ReportInput)
    .output(pageOf(ProjectSpend))
    .query(({ ctx, input }) => projectSpend(ctx.services.db, ctx.scope, input)),

  users: procedure({
    authority: 'user:read',
    rest: ['GET /reports/users'],
    description: 'Returns the number of projects and the total cost of each user, newest first.',
  })
    .input(ReportInput)
    .output(pageOf(UserSpend))
    .query(({ ctx, input }) => userSpend(ctx.services.db, ctx.scope, input)),
} satisfies TRPCRouterRecord
