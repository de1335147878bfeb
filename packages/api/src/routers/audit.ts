import { AuditEntry, FailedSignIns, ListAuditInput, ListFailedSignInsInput, pageOf } from '@mgx/contract'
import { listAuditEntries, listFailedSignIns } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { procedure } from '../trpc.js'

export const audit = {
  list: procedure({
    authority: 'user:read',
    rest: ['GET /audit'],
    description:
      'Lists who changed what, newest first: for an admin all changes, for a member those that concern the member, whoever made them. Cost records and reservations are not listed: they are their own record.',
  })
    .input(ListAuditInput)
    .output(pageOf(AuditEntry))
    .query(({ ctx, input }) => listAuditEntries(ctx.services.db, ctx.scope, input)),

  failedSignIns: procedure({
    authority: 'admin',
    rest: ['GET /audit/failed-sign-ins'],
    description:
      'Lists how many wrong credentials came from each network address within each hour, newest hour first, of the last 90 days. A count is written within seconds.',
  })
    .input(ListFailedSignInsInput)
    .output(pageOf(FailedSignIns))
    .query(({ ctx, input }) => listFailedSignIns(ctx.services.db, input)),
} satisfies TRPCRouterRecord
