import { Health, Verification } from '@mgx/contract'
import { dialectOf } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { z } from 'zod'
import { procedure } from '../trpc.js'

export const system = {
  health: procedure({
    authority: 'public',
    rest: ['GET /health'],
    description: 'Returns the status and version of the server, and the dialect of its database.',
  })
    .input(z.strictObject({}).optional())
    .output(Health)
    .query(({ ctx: { services } }) => ({
      status: 'ok' as const,
      version: services.version,
      dialect: dialectOf(services.db).name,
    })),

  verify: procedure({
    authority: 'admin',
    rest: ['GET /verification'],
    unhurried: true,
    description: 'Recomputes all totals and lists up to 100 that do not match; corrects nothing.',
  })
    .input(z.strictObject({}).optional())
    .output(Verification)
    .query(({ ctx }) => ctx.services.verifier.run()),
} satisfies TRPCRouterRecord
