import { Books, Health, Verification } from '@mgx/contract'
import { dialectOf, readBooks } from '@mgx/db'
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

  books: procedure({
    authority: 'admin',
    rest: ['GET /books'],
    description:
      'Returns the state of the ledger and of its database: what the last verification found, the open holds by age, the migrations, and the versions.',
  })
    .input(z.strictObject({}).optional())
    .output(Books)
    .query(async ({ ctx: { services } }) => {
      const books = await readBooks(services.db)
      return { ...books, versions: { server: services.version, ...books.versions } }
    }),
} satisfies TRPCRouterRecord
