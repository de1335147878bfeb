import { performance } from 'node:perf_hooks'
import { clearInterval, setInterval } from 'node:timers'
import { DomainError, type Role } from '@mgx/contract'
import {
  activeSessionIds,
  EVERYTHING,
  linkedIdentityIds,
  openProjectIds,
  readClock,
  rolesOf,
  usableApiKeyIds,
} from '@mgx/db'
import type { Knex } from 'knex'
import { unauthenticated } from '../authentication/unauthenticated.js'
import { type Actor, type Credential, limitedBy } from '../authority/actor.js'
import { may } from '../authority/authority.js'

/**
 * The open streams of this process: limits their number and ends those that lose access. When a stream opens, and twice
 * a second after that, it is checked that its credential is still valid and that its user may still see the project; a
 * few statements check all streams together. Remembered credentials do not count here.
 */
export type OpenStreams = {
  /**
   * Opens a stream of a project. It counts until it is closed or its client is `gone`.
   * @throws DomainError `rate_limited` when there are too many, for its API key or in total; `unauthenticated`;
   *   `not_found`; `unavailable` when this process is shutting down.
   */
  open(caller: Actor, project: Project, gone: AbortSignal | undefined): Promise<OpenStream>
  /** Ends every stream with `unavailable` and refuses new ones. */
  end(): void
}

export type OpenStream = {
  /** Aborted when the stream has to end: with a DomainError that says why, or because its client is gone. */
  readonly signal: AbortSignal
  close(): void
}

type Project = { readonly id: number; readonly userId: number }
type Stream = OpenStream & {
  readonly caller: Actor
  readonly project: Project
  /** When the stream was last known to be allowed. */
  allowedAt: number
  end(reason: DomainError): void
}

/** Per API key, including the sessions it created, so that sessions do not bypass the limit. */
export const MAX_STREAMS_OF_KEY = 20
/** With any number of API keys, so that no user takes the streams of all others. */
export const MAX_STREAMS_OF_USER = 500
export const MAX_STREAMS = 2_000
const RETRY_AFTER_SECONDS = 5
/** A revocation must end streams within 5 s; the second figure covers a database that responds slowly or not at all. */
const ASK_MILLISECONDS = 500
const UNANSWERED_MILLISECONDS = 4_000

export function createOpenStreams(db: Knex): OpenStreams {
  const streams = new Set<Stream>()
  let timer: ReturnType<typeof setInterval> | undefined
  let isAsking = false
  /** The error of the last check that failed. */
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

  /** Checks all streams; ends those that may not continue and those that have gone unchecked for too long. */
  function look(): void {
    const now = performance.now()
    for (const stream of streams) {
      if (now - stream.allowedAt > UNANSWERED_MILLISECONDS) stream.end(unanswered(failure))
    }
    if (isAsking) return
    isAsking = true
    ask([...streams])
      // The next check comes soon; if checks keep failing, the streams end with this as the cause.
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
      const account = limitedBy(caller)
      const ofKey = [...streams].filter((stream) => limitedBy(stream.caller) === account).length
      if (ofKey >= MAX_STREAMS_OF_KEY) throw tooMany('this API key and its sessions', MAX_STREAMS_OF_KEY)
      const ofUser = [...streams].filter((stream) => stream.caller.userId === caller.userId).length
      if (ofUser >= MAX_STREAMS_OF_USER) throw tooMany('this user', MAX_STREAMS_OF_USER)
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

/** Returns why some of these streams may not continue, according to the database. */
async function refusalsOf(db: Knex, streams: readonly Stream[]): Promise<Map<Stream, DomainError>> {
  const valid = await validCredentials(
    db,
    streams.map(({ caller }) => caller),
  )
  const refusals = new Map<Stream, DomainError>()
  for (const stream of streams) {
    const { caller, project } = stream
    const role = valid(caller)
    if (!role) refusals.set(stream, unauthenticated())
    else {
      const decision = may({ ...caller, role }, 'read', { userId: project.userId, projectId: project.id })
      if (!decision.allowed) refusals.set(stream, decision.refusal)
    }
  }
  return refusals
}

/**
 * Returns a function that gives the present role of each of these callers; undefined when the credential or its user is no
 * longer valid.
 */
async function validCredentials(db: Knex, callers: readonly Actor[]): Promise<(caller: Actor) => Role | undefined> {
  const credentials = callers.map(({ credential }) => credential)
  const keyIds = credentials.flatMap((each) => (isOfKey(each) ? [each.apiKeyId] : []))
  const sessionIds = credentials.flatMap((each) => (each.kind === 'session' ? [each.sessionId] : []))
  const identityIds = credentials.flatMap((each) => (each.kind === 'identity' ? [each.identityId] : []))
  const projectIds = callers.flatMap(({ projectId }) => (projectId === null ? [] : [projectId]))
  const hasTokens = credentials.some((each) => 'expiresAt' in each)
  const [keys, sessions, identities, projects, roles, now] = await Promise.all([
    idsAmong(keyIds, (ids) => usableApiKeyIds(db, EVERYTHING, ids)),
    idsAmong(sessionIds, (ids) => activeSessionIds(db, EVERYTHING, ids)),
    idsAmong(identityIds, (ids) => linkedIdentityIds(db, EVERYTHING, ids)),
    idsAmong(projectIds, (ids) => openProjectIds(db, EVERYTHING, ids)),
    rolesOf(db, EVERYTHING, [...new Set(callers.map(({ userId }) => userId))]),
    hasTokens ? readClock(db) : '',
  ])
  const isValid = ({ credential, projectId }: Actor): boolean => {
    if ('expiresAt' in credential && credential.expiresAt <= now) return false
    // Keys and sessions that are bound to a project end with it by themselves.
    if (credential.kind === 'accessToken' && projectId !== null && !projects.has(projectId)) return false
    if (credential.kind === 'identity') return identities.has(credential.identityId)
    return credential.kind === 'session' ? sessions.has(credential.sessionId) : keys.has(credential.apiKeyId)
  }
  return (caller) => {
    const role = isValid(caller) ? roles.get(caller.userId) : undefined
    const isNamedAdmin = 'isNamedAdmin' in caller.credential && caller.credential.isNamedAdmin
    return role && isNamedAdmin ? 'admin' : role
  }
}

/** Asks which of these ids are valid, unless there are none. */
async function idsAmong(
  ids: readonly number[],
  ask: (ids: readonly number[]) => Promise<number[]>,
): Promise<Set<number>> {
  return new Set(ids.length === 0 ? [] : await ask([...new Set(ids)]))
}

/** Whether a credential ends with the API key that it names. */
function isOfKey(credential: Credential): credential is Credential & { kind: 'apiKey' | 'accessToken' } {
  return credential.kind === 'apiKey' || credential.kind === 'accessToken'
}

function tooMany(who: string, most: number): DomainError {
  return new DomainError('rate_limited', `${who} may have at most ${most} open streams`, {
    limit: most,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  })
}

const ended = () => new DomainError('unavailable', 'the server is shutting down: reconnect')
const unanswered = (cause: unknown) =>
  new DomainError('unavailable', 'the database did not confirm that this stream may continue: reconnect', undefined, {
    cause,
  })
