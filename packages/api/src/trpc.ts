import { DomainError } from '@mgx/contract'
import { getTRPCErrorFromUnknown, initTRPC, type TRPCError, type TRPCProcedureType } from '@trpc/server'
import { type Actor, requireAdmin, requireKeyHolder, requireScopeFor, requireUser, scopeOf } from './authority/actor.js'
import type { Context } from './context.js'
import { inTime, newDeadline, requireTimeLeft } from './deadline.js'
import { formatError, toTrpcError } from './errors.js'

/**
 * `description` becomes the doc comment of the generated client's method. `idempotent` says that the same call again
 * does nothing more and answers as before, so that the client may try again by itself; queries are so anyway, and so
 * is a call with an idempotency key. `rest` is where the procedure is found over REST, by method and path under `/api`;
 * a field in braces is a field of the input. `public` says that it asks for no credential, `unhurried` that it takes as
 * long as it takes, once the caller is known, and `grouped` that the ledger does its work together with that of other
 * calls: any number of them may run at once, while of the others a user has one or two at a time.
 */
export type Meta = {
  description: string
  idempotent?: true
  rest?: `${'GET' | 'POST' | 'PATCH'} /${string}`[]
  public?: true
  unhurried?: true
  grouped?: true
}

const PING_MILLISECONDS = 15_000
const STREAM_CLIENT = { reconnectAfterInactivityMs: 3 * PING_MILLISECONDS }

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    // Pings find connections that are gone; a client that misses three of them connects again.
    sse: { ping: { enabled: true, intervalMs: PING_MILLISECONDS }, client: STREAM_CLIENT },
    errorFormatter: ({ error, path, ctx }) => formatError({ error, path, requestId: ctx?.requestId }),
  })

export const { router } = t

type Outcome = { ok: true; data: unknown } | { ok: false; error: TRPCError }

/** Runs the rest of a call and gives its failure its reason; logs it when it is ours. */
async function naming<Result extends Outcome>(ctx: Context, type: TRPCProcedureType, run: () => Promise<Result>) {
  let result: Result
  try {
    result = await run()
  } catch (cause) {
    throw named(ctx, getTRPCErrorFromUnknown(cause))
  }
  if (!result.ok) throw named(ctx, result.error)
  return type === 'subscription'
    ? { ...result, data: namingFailures(ctx, result.data as AsyncIterable<unknown>) }
    : result
}

function named({ services, requestId }: Context, failure: TRPCError): TRPCError {
  const error = toTrpcError(services.db, failure)
  if (error.code === 'INTERNAL_SERVER_ERROR') services.logInternal(failure, requestId)
  if (error.cause instanceof DomainError && error.cause.cause instanceof Error) {
    logOnce(error.cause.cause, (cause) => services.logUnavailable(cause, requestId))
  }
  return error
}

/** The calls of a group fail with one error. */
const logged = new WeakSet<Error>()
function logOnce(error: Error, log: (error: Error) => void): void {
  if (logged.has(error)) return
  logged.add(error)
  log(error)
}

/** A stream fails after its procedure has answered. */
async function* namingFailures(ctx: Context, stream: AsyncIterable<unknown>): AsyncGenerator<unknown, void> {
  try {
    yield* stream
  } catch (error) {
    throw named(ctx, getTRPCErrorFromUnknown(error))
  }
}

/** Anyone. */
export const publicProcedure = t.procedure.use(({ ctx, type, next }) => naming(ctx, type, () => inTime(next)))

/**
 * Whoever bears a valid credential that allows this kind of call; `scope` is the rows it may see, and `turn` whose turn the
 * call takes in the ledger, and until when. It stands on its own instead of on the public one, because tRPC takes its time for
 * every step and most calls take this one.
 */
export const authenticatedProcedure = t.procedure.use(({ ctx, type, meta, next }) =>
  naming(ctx, type, async () => {
    const deadline = newDeadline()
    const identify = async () => {
      const caller = await ctx.actor()
      requireScopeFor(caller, type)
      return caller
    }
    const begin = async (caller: Actor) => {
      requireTimeLeft(deadline)
      return next({ ctx: { caller, scope: scopeOf(caller), turn: { userId: caller.userId, deadline } } })
    }
    if (meta?.unhurried) return begin(await inTime(identify))
    return inTime(async () => {
      const caller = await identify()
      if (meta?.grouped) return begin(caller)
      const { reads, writes } = ctx.services.concurrency
      return (type === 'mutation' ? writes : reads).run(caller.userId, () => begin(caller))
    })
  }),
)

/** A user, and not a session that is bound to one project. */
export const userProcedure = authenticatedProcedure.use(({ ctx, next }) => {
  requireUser(ctx.caller)
  return next()
})

/** A user with an API key: what outlives a session must not be had with one. */
export const keyHolderProcedure = userProcedure.use(({ ctx, next }) => {
  requireKeyHolder(ctx.caller)
  return next()
})

/** An admin whose credential is not bound to one project. */
export const adminProcedure = authenticatedProcedure.use(({ ctx, next }) => {
  requireAdmin(ctx.caller)
  return next()
})
