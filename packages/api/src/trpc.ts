import { DomainError } from '@mgx/contract'
import { initTRPC } from '@trpc/server'
import { isAdmin, scopeOf } from './authentication/actor.js'
import type { Context } from './context.js'
import { formatError, toTrpcError } from './errors.js'

/** `description` becomes the doc comment of the generated client's method. */
type Meta = { description: string }

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    errorFormatter: ({ error, path, ctx }) => formatError({ error, path, requestId: ctx?.requestId }),
  })

export const { router } = t

/** Anyone. The first step of the ladder also gives every failure its reason, and logs those that are ours. */
export const publicProcedure = t.procedure.use(async ({ ctx, next }) => {
  const result = await next()
  if (result.ok) return result
  const error = toTrpcError(ctx.services.db, result.error)
  if (error.code === 'INTERNAL_SERVER_ERROR') ctx.services.logInternal(result.error, ctx.requestId)
  throw error
})

/** Whoever bears a valid credential that allows this kind of call; `scope` is the rows it may see. */
export const authenticatedProcedure = publicProcedure.use(async ({ ctx, type, next }) => {
  const actor = await ctx.actor()
  const needed = type === 'mutation' ? 'write' : 'read'
  if (!actor.scopes.includes(needed)) throw new DomainError('forbidden', `this API key may not ${needed}`)
  return next({ ctx: { caller: actor, scope: scopeOf(actor) } })
})

/** A user, and not a session that is bound to one project. */
export const userProcedure = authenticatedProcedure.use(({ ctx, next }) => {
  if (ctx.caller.projectId !== null) throw new DomainError('forbidden', 'this session can touch its project only')
  return next()
})

export const adminProcedure = authenticatedProcedure.use(({ ctx, next }) => {
  if (!isAdmin(ctx.caller)) throw new DomainError('forbidden', 'only an admin may do this')
  return next()
})
