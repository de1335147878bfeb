import { DomainError } from '@mgx/contract'
import { getTRPCErrorFromUnknown, initTRPC, type TRPCError, type TRPCProcedureType } from '@trpc/server'
import { type Actor, scopeOf } from './authority/actor.js'
import { type Authority, isAuthority, requireAuthority } from './authority/authority.js'
import type { Context } from './context.js'
import { inTime, newDeadline, requireTimeLeft } from './deadline.js'
import { formatError, toTrpcError } from './errors.js'

/** What a procedure declares about itself. */
export type Meta = {
  /** What a caller needs. */
  authority: Authority
  /** The doc comment of the generated client method; its first sentence is the summary over REST. */
  description: string
  /**
   * Repeating the same call has no further effect and returns the same response, so the client may retry it. Queries
   * and calls with an idempotency key need no such mark.
   */
  idempotent?: true
  /**
   * The methods and paths under `/api` that serve the procedure over REST; a name in braces is a field of the input.
   */
  rest?: `${'GET' | 'POST' | 'PATCH'} /${string}`[]
  /** The procedure has no time limit once the caller is authenticated. */
  unhurried?: true
  /**
   * The ledger groups the call with others, so any number of a user's calls may run at once. Without it, a user runs
   * one or two calls at a time.
   */
  grouped?: true
}

const PING_MILLISECONDS = 15_000
const STREAM_CLIENT = { reconnectAfterInactivityMs: 3 * PING_MILLISECONDS }

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    // Pings detect dead connections; a client that misses three of them reconnects.
    sse: { ping: { enabled: true, intervalMs: PING_MILLISECONDS }, client: STREAM_CLIENT },
    errorFormatter: ({ error, path, ctx }) => formatError({ error, path, requestId: ctx?.requestId }),
  })

export const { router } = t

type Outcome = { ok: true; data: unknown } | { ok: false; error: TRPCError }

/** Runs the rest of a call; converts its failure, or that of its stream, as `toReason` does. */
async function withReasons<Result extends Outcome>(ctx: Context, type: TRPCProcedureType, run: () => Promise<Result>) {
  let result: Result
  try {
    result = await run()
  } catch (cause) {
    throw toReason(ctx, getTRPCErrorFromUnknown(cause))
  }
  if (!result.ok) throw toReason(ctx, result.error)
  return type === 'subscription'
    ? { ...result, data: streamWithReasons(ctx, result.data as AsyncIterable<unknown>) }
    : result
}

/** Returns the failure as an error with a reason; logs it when callers do not see its cause. */
function toReason({ services, requestId }: Context, failure: TRPCError): TRPCError {
  const error = toTrpcError(services.db, failure)
  if (error.code === 'INTERNAL_SERVER_ERROR') services.logInternal(failure, requestId)
  if (error.cause instanceof DomainError && error.cause.cause instanceof Error) {
    logOnce(error.cause.cause, (cause) => services.logUnavailable(cause, requestId))
  }
  return error
}

/** The calls of a group fail with the same error, which is logged only once. */
const logged = new WeakSet<Error>()
function logOnce(error: Error, log: (error: Error) => void): void {
  if (logged.has(error)) return
  logged.add(error)
  log(error)
}

/** Converts the failures of a stream, which occur after its procedure has returned. */
async function* streamWithReasons(ctx: Context, stream: AsyncIterable<unknown>): AsyncGenerator<unknown, void> {
  try {
    yield* stream
  } catch (error) {
    throw toReason(ctx, getTRPCErrorFromUnknown(error))
  }
}

const open = t.procedure.use(({ ctx, type, next }) => withReasons(ctx, type, () => inTime(next)))

/**
 * Adds to the context the `caller`, the `scope` of rows it may see, the `requester` for the audit log, and the `turn`:
 * whose turn the call takes in the ledger, and its deadline. A single middleware, because each one costs time in tRPC.
 */
const authorized = t.procedure.use(({ ctx, type, meta, next }) =>
  withReasons(ctx, type, async () => {
    const { authority, unhurried, grouped } = meta as Meta
    const deadline = newDeadline()
    const identify = async () => {
      const caller = await ctx.actor()
      requireAuthority(authority, caller)
      return caller
    }
    const begin = async (caller: Actor) => {
      requireTimeLeft(deadline)
      const { userId } = caller
      const requester = { actor: `user:${userId}`, requestId: ctx.requestId }
      return next({ ctx: { caller, scope: scopeOf(caller), requester, turn: { userId, deadline } } })
    }
    if (unhurried) return begin(await inTime(identify))
    return inTime(async () => {
      const caller = await identify()
      if (grouped) return begin(caller)
      const { reads, writes } = ctx.services.concurrency
      return (type === 'mutation' ? writes : reads).run(caller.userId, () => begin(caller))
    })
  }),
)

/** Begins a procedure that only callers with its authority may call. @throws Error when the authority is unknown. */
export function procedure(meta: Meta & { authority: 'public' }): typeof open
export function procedure(meta: Meta & { authority: Exclude<Authority, 'public'> }): typeof authorized
export function procedure(meta: Meta): typeof open | typeof authorized {
  const { authority, description } = meta
  if (!isAuthority(authority)) throw new Error(`no such authority for the procedure: ${description}`)
  return authority === 'public' ? open.meta(meta) : authorized.meta(meta)
}
