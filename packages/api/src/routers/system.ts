import { Health, Verification } from '@mgx/contract'
import { dialectOf } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { z } from 'zod'
import { procedure } from '../trpc.js'

export const system = {
  health: procedure({
    authority: 'public',
    rest: ['GET /health'],
    description: 'Whether the server answers, which version it is and on which database it runs.',
  })
    .input(z.strictObject({}).optional())
    .output(Health)
    .query(({ ctx: { services } }) => ({
      status: 'ok' as const,
      version: services.version,
      dialect: dialectOf(services.db).name,
    })),

  verify: procedure({
    authority: 'admin:read',
    rest: ['GET /verification'],
    unhurried: true,
    description: 'Adds everything up again and lists what does not agree, the first 100 drifts; corrects nothing.',
  })
    .input(z.strictObject({}).optional())
    .output(Verification)
    .query(({ ctx }) => ctx.services.verifier.run()),
} satisfies TRPCRouterRecord
