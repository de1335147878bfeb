import { Overview, ProjectSpend, pageOf, ReportInput, Spend, SpendInput, UserSpend } from '@mgx/contract'
import { getProject, getUser, overview, projectSpend, type Scope, spend, userSpend } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { z } from 'zod'
import { type Actor, userScopeOf } from '../authority/actor.js'
import type { Context } from '../context.js'
import { contractHash } from '../generated/contract-hash.js'
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
    .query(({ ctx, input }) =>
      recentPage(ctx, 'reports.spend', input, async () => {
        const { db } = ctx.services
        if (input.userId !== undefined) await getUser(db, userScopeOf(ctx.caller), input.userId)
        if (input.projectId !== undefined) await getProject(db, ctx.scope, input.projectId)
        return spend(db, ctx.scope, input)
      }),
    ),

  projects: procedure({
    authority: 'read',
    rest: ['GET /reports/projects'],
    description: 'Returns the total cost of each project, newest first, including projects without costs.',
  })
    .input(ReportInput)
    .output(pageOf(ProjectSpend))
    .query(({ ctx, input }) =>
      recentPage(ctx, 'reports.projects', input, () => projectSpend(ctx.services.db, ctx.scope, input)),
    ),

  users: procedure({
    authority: 'user:read',
    rest: ['GET /reports/users'],
    description: 'Returns the number of projects and the total cost of each user, newest first.',
  })
    .input(ReportInput)
    .output(pageOf(UserSpend))
    .query(({ ctx, input }) =>
      recentPage(ctx, 'reports.users', input, () => userSpend(ctx.services.db, ctx.scope, input)),
    ),

  overview: procedure({
    authority: 'read',
    rest: ['GET /reports/overview'],
    description:
      'Returns what the caller may see at a glance: spend today and within 7 and 30 UTC days against the days before, projects by status, budgets that are nearly used up, and, for an admin, the last verification.',
  })
    .input(z.strictObject({}).optional())
    .output(Overview)
    .query(({ ctx, input }) => recentPage(ctx, 'reports.overview', input, () => overview(ctx.services.db, ctx.scope))),
} satisfies TRPCRouterRecord

/**
 * Returns a page that may be some seconds old where servers share state; the header `age` then says how old. Callers share a
 * page only if they may see the same rows.
 */
async function recentPage<Value>(
  ctx: Context & { caller: Actor; scope: Scope },
  procedure: string,
  input: unknown,
  read: () => Promise<Value>,
): Promise<Value> {
  const { services, caller, scope, answerHeaders } = ctx
  const name = JSON.stringify([contractHash, procedure, scope, userScopeOf(caller), input])
  const { value, ageSeconds } = await services.sharedState.page(name, read)
  if (ageSeconds !== undefined) answerHeaders.age = String(Math.max(ageSeconds, Number(answerHeaders.age ?? 0)))
  return value
}
