import { performance } from 'node:perf_hooks'
import { DomainError } from '@mgx/contract'
import { getTRPCErrorFromUnknown, initTRPC, type TRPCError, type TRPCProcedureType } from '@trpc/server'
import { type Actor, credentialName, scopeOf } from './authority/actor.js'
import { type Authority, isAuthority, requireMay } from './authority/authority.js'
import type { Context } from './context.js'
import { inTime, newDeadline, requireTimeLeft } from './deadline.js'
import { formatError, markAsObserved, reasonOf, toTrpcError } from './errors.js'
import type { CallSpan } from './tracing.js'

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

type Call = { ctx: Context; path: string; type: TRPCProcedureType }

/** Runs the rest of a call in its span, observed; converts its failure, or that of its stream, as `toReason` does. */
function withReasons<Result extends Outcome>({ ctx, path, type }: Call, run: (span?: CallSpan) => Promise<Result>) {
  const start = performance.now()
  const span = ctx.trace.begin(path)
  const observe = (error?: TRPCError) => {
    const call = { path, type, reason: error && reasonOf(error), milliseconds: performance.now() - start }
    ctx.calls.push(call)
    ctx.services.observer.called(call)
    span?.end(call.reason)
  }
  const failed = (failure: TRPCError) => {
    const error = toReason(ctx, failure)
    observe(error)
    markAsObserved(error)
    return error
  }
  const runObserved = async () => {
    let result: Result
    try {
      result = await run(span)
    } catch (cause) {
      throw failed(getTRPCErrorFromUnknown(cause))
    }
    if (!result.ok) throw failed(result.error)
    observe()
    return type === 'subscription'
      ? { ...result, data: streamWithReasons(ctx, result.data as AsyncIterable<unknown>) }
      : result
  }
  return span ? span.run(runObserved) : runObserved()
}

/** Returns the failure as an error with a reason; logs it when callers do not see its cause. */
function toReason({ services, requestId, answerHeaders }: Context, failure: TRPCError): TRPCError {
  const error = toTrpcError(services.db, failure)
  if (error.cause instanceof DomainError) tellWhenToRetry(error.cause, answerHeaders)
  if (error.code === 'INTERNAL_SERVER_ERROR') services.logInternal(failure, requestId)
  if (error.cause instanceof DomainError && error.cause.cause instanceof Error) {
    logOnce(error.cause.cause, (cause) => services.logUnavailable(cause, requestId))
  }
  return error
}

/** Sets `Retry-After` to the latest time that a failed call of the request names. */
function tellWhenToRetry({ details }: DomainError, headers: Record<string, string>): void {
  const seconds = details && 'retryAfterSeconds' in details ? Number(details.retryAfterSeconds) : 0
  if (seconds > Number(headers['retry-after'] ?? 0)) headers['retry-after'] = String(seconds)
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

const open = t.procedure.use(({ next, ...call }) => withReasons(call, () => inTime(next)))

/**
 * Adds to the context the `caller`, the `scope` of rows it may see, the `requester` for the audit log, and the `turn`:
 * whose turn the call takes in the ledger, and its deadline. A single middleware, because each one costs time in tRPC.
 */
const authorized = t.procedure.use(({ ctx, path, type, meta, next }) =>
  withReasons({ ctx, path, type }, async (span) => {
    const { authority, unhurried, grouped } = meta as Meta
    const deadline = newDeadline()
    const identify = async () => {
      const caller = await ctx.actor()
      const counted = ctx.services.callLimit.count(caller, ctx.answerHeaders)
      if (counted) await counted
      requireMay(caller, authority)
      return caller
    }
    const begin = async (caller: Actor) => {
      requireTimeLeft(deadline)
      const { userId, credential } = caller
      const { requestId, address } = ctx
      const requester = { actor: `user:${userId}`, credential: credentialName(credential), requestId, address }
      const turn = { userId, deadline, span: span?.context }
      return next({ ctx: { caller, scope: scopeOf(caller), requester, turn } })
    }
    if (unhurried) return begin(await inTime(identify))
    return inTime(async () => {
      const caller = await identify()
      const { concurrency, heldBytes } = ctx.services
      const release = heldBytes.hold(caller.userId, ctx.bytesPerCall)
      try {
        if (grouped) return await begin(caller)
        const { reads, writes } = concurrency
        return await (type === 'mutation' ? writes : reads).run(caller.userId, () => begin(caller))
      } finally {
        release()
      }
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
