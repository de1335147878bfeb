import { performance } from 'node:perf_hooks'
import { clearInterval, setInterval } from 'node:timers'
import { DomainError, notFound } from '@mgx/contract'
import { activeSessionIds, EVERYTHING, inScope, rolesOf, usableApiKeyIds } from '@mgx/db'
import type { Knex } from 'knex'
import { unauthenticated } from '../authentication/authenticate.js'
import { type Actor, scopeOf } from '../authority/actor.js'

/**
 * The streams that are open in this process: how many there may be, and what ends them. Each is asked about at its
 * beginning and twice a second after that, all of them in the same few statements: whether its credential is still valid
 * and its user may still see the project. Nothing that is remembered about a credential counts here.
 */
export type OpenStreams = {
  /**
   * Opens a stream of a project. It counts until it is closed or its client has `gone`.
   * @throws DomainError `rate_limited` when there are too many, of its API key or in all; `unauthenticated`; `not_found`;
   *   `unavailable` when this process ends.
   */
  open(caller: Actor, project: Project, gone: AbortSignal | undefined): Promise<OpenStream>
  /** Ends every stream, as `unavailable`; no other begins. */
  end(): void
}

export type OpenStream = {
  /** Aborted when the stream has to end: by a DomainError that says why, or because its client has gone. */
  readonly signal: AbortSignal
  close(): void
}

type Project = { readonly id: number; readonly userId: number }
type Stream = OpenStream & {
  readonly caller: Actor
  readonly project: Project
  /** The last moment at which it was known to be allowed. */
  allowedAt: number
  end(reason: DomainError): void
}

/** Streams of one API key and of the sessions that it made: a session is no way around the bound. */
export const MAX_STREAMS_OF_KEY = 20
export const MAX_STREAMS = 2_000
const RETRY_AFTER_SECONDS = 5
/** A revocation ends streams within 5 s: the second of these is for a database that answers slowly, or not at all. */
const ASK_MILLISECONDS = 500
const UNANSWERED_MILLISECONDS = 4_000

export function createOpenStreams(db: Knex): OpenStreams {
  const streams = new Set<Stream>()
  let timer: ReturnType<typeof setInterval> | undefined
  let isAsking = false
  /** Why they could not be asked about, the last time that they could not. */
  let failure: unknown
  let isEnded = false

  function add(caller: Actor, project: Project, gone: AbortSignal | undefined): Stream {
    const controller = new AbortController()
    const stream: Stream = {
      caller,
      project,
      allowedAt: performance.now(),
      signal: controller.signal,
      end: (reason) => controller.abort(reason),
      close() {
        gone?.removeEventListener('abort', stream.close)
        streams.delete(stream)
        if (streams.size === 0) clearInterval(timer)
        controller.abort()
      },
    }
    if (streams.size === 0) timer = setInterval(look, ASK_MILLISECONDS).unref()
    streams.add(stream)
    gone?.addEventListener('abort', stream.close)
    if (gone?.aborted) stream.close()
    return stream
  }

  /** Ends those that may not go on, and those of which that has not been known for too long. */
  function look(): void {
    const now = performance.now()
    for (const stream of streams) {
      if (now - stream.allowedAt > UNANSWERED_MILLISECONDS) stream.end(unanswered(failure))
    }
    if (isAsking) return
    isAsking = true
    ask([...streams])
      // Asked again in a moment; when the answer stays away, this is why they end.
      .catch((error: unknown) => {
        failure = error
      })
      .finally(() => {
        isAsking = false
      })
  }

  async function ask(asked: readonly Stream[]): Promise<void> {
    const now = performance.now()
    const refusals = await refusalsOf(db, asked)
    for (const stream of asked) {
      const refusal = refusals.get(stream)
      if (refusal) stream.end(refusal)
      else stream.allowedAt = now
    }
  }

  return {
    async open(caller, project, gone) {
      if (isEnded) throw ended()
      const ofKey = [...streams].filter((stream) => stream.caller.apiKeyId === caller.apiKeyId).length
      if (ofKey >= MAX_STREAMS_OF_KEY) throw tooMany('this API key and its sessions', MAX_STREAMS_OF_KEY)
      if (streams.size >= MAX_STREAMS) throw tooMany('this server', MAX_STREAMS)
      const stream = add(caller, project, gone)
      try {
        await ask([stream])
        if (stream.signal.reason instanceof DomainError) throw stream.signal.reason
        return stream
      } catch (error) {
        stream.close()
        throw error
      }
    },

    end() {
      isEnded = true
      for (const stream of streams) stream.end(ended())
    },
  }
}

/** Why some of these streams may not go on, as the database has it now. */
async function refusalsOf(db: Knex, streams: readonly Stream[]): Promise<Map<Stream, DomainError>> {
  const callers = streams.map(({ caller }) => caller)
  const keyIds = callers.flatMap(({ apiKeyId, sessionId }) => (sessionId === null ? [apiKeyId] : []))
  const sessionIds = callers.flatMap(({ sessionId }) => sessionId ?? [])
  const [keys, sessions, roles] = await Promise.all([
    usableApiKeyIds(db, EVERYTHING, [...new Set(keyIds)]),
    activeSessionIds(db, EVERYTHING, [...new Set(sessionIds)]),
    rolesOf(db, EVERYTHING, [...new Set(callers.map(({ userId }) => userId))]),
  ])
  const validKeys = new Set(keys)
  const validSessions = new Set(sessions)
  const refusals = new Map<Stream, DomainError>()
  for (const stream of streams) {
    const { caller, project } = stream
    const role = roles.get(caller.userId)
    const isValid = caller.sessionId === null ? validKeys.has(caller.apiKeyId) : validSessions.has(caller.sessionId)
    if (!isValid || !role) refusals.set(stream, unauthenticated())
    else if (!inScope(scopeOf({ ...caller, role }), { userId: project.userId, projectId: project.id })) {
      refusals.set(stream, notFound('project'))
    }
  }
  return refusals
}

function tooMany(who: string, most: number): DomainError {
  return new DomainError('rate_limited', `${who} may have ${most} streams open, and has`, {
    limit: most,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  })
}

const ended = () => new DomainError('unavailable', 'the server is shutting down: connect again')
const unanswered = (cause: unknown) =>
  new DomainError('unavailable', 'the database does not say whether this stream may go on: connect again', undefined, {
    cause,
  })
