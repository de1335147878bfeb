import { Health } from '@mgx/contract'
import { dialectOf } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { z } from 'zod'
import { publicProcedure } from '../trpc.js'

export const system = {
  health: publicProcedure
    .meta({ description: 'Whether the server answers, which version it is and on which database it runs.' })
    .input(z.strictObject({}).optional())
    .output(Health)
    .query(({ ctx: { services } }) => ({
      status: 'ok' as const,
      version: services.version,
      dialect: dialectOf(services.db).name,
    })),
} satisfies TRPCRouterRecord
