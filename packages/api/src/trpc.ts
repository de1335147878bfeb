import { DomainError } from '@mgx/contract'
import { getTRPCErrorFromUnknown, initTRPC, type TRPCError, type TRPCProcedureType } from '@trpc/server'
import { type Actor, scopeOf } from './authority/actor.js'
import { type Authority, isAuthority, requireAuthority } from './authority/authority.js'
import type { Context } from './context.js'
import { inTime, newDeadline, requireTimeLeft } from './deadline.js'
import { formatError, toTrpcError } from './errors.js'

/**
 * `authority` says who may call. `description` becomes the doc comment of the generated client's method. `idempotent` says
 * that the same call again does nothing more and answers as before, so that the client may try again by itself; queries are
 * so anyway, and so is a call with an idempotency key. `rest` is where the procedure is found over REST, by method and path
 * under `/api`; a field in braces is a field of the input. `unhurried` says that it takes as long as it takes, once the
 * caller is known, and `grouped` that the ledger does its work together with that of other calls: any number of them may
 * run at once, while of the others a user has one or two at a time.
 */
export type Meta = {
  authority: Authority
  description: string
  idempotent?: true
  rest?: `${'GET' | 'POST' | 'PATCH'} /${string}`[]
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

const open = t.procedure.use(({ ctx, type, next }) => naming(ctx, type, () => inTime(next)))

/**
 * `scope` is the rows the caller may see, `requester` the caller as the audit log names it, and `turn` whose turn the call
 * takes in the ledger, and until when. One step for all of it, because tRPC takes its time for every step.
 */
const authorized = t.procedure.use(({ ctx, type, meta, next }) =>
  naming(ctx, type, async () => {
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

/** Begins a procedure that those may call whom its authority names. @throws Error when there is no such authority. */
export function procedure(meta: Meta & { authority: 'public' }): typeof open
export function procedure(meta: Meta & { authority: Exclude<Authority, 'public'> }): typeof authorized
export function procedure(meta: Meta): typeof open | typeof authorized {
  const { authority, description } = meta
  if (!isAuthority(authority)) throw new Error(`nothing says who may call the procedure: ${description}`)
  return authority === 'public' ? open.meta(meta) : authorized.meta(meta)
}
