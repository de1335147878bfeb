import { performance } from 'node:perf_hooks'
import { createLedger, createVerifier, dialectOf, domainErrorOf, type Ledger, type Verifier } from '@mgx/db'
import type { Knex } from 'knex'
import type { Presented } from './authentication/authenticate.js'
import type { CredentialParts } from './authentication/credential-parts.js'
import { type Credentials, createCredentials } from './authentication/credentials.js'
import { createFailedSignInCounts, type FailedSignInCounts } from './authentication/failed-sign-ins.js'
import type { Actor } from './authority/actor.js'
import { type CallLimit, limitCalls } from './call-limit.js'
import { type ConcurrencyLimit, limitConcurrency } from './concurrency-limit.js'
import { type HeldBytes, limitHeldBytes } from './held-bytes.js'
import { NO_OBSERVER, type ObservedCall, type Observer } from './observer.js'
import { inMemoryState } from './shared-state/in-memory.js'
import type { SharedState } from './shared-state/shared-state.js'
import { type RequestTrace, type TraceHeaders, traceRequests } from './tracing.js'
import { createOpenStreams, type OpenStreams } from './watch/open-streams.js'
import { createWatch, type Watch } from './watch/watch.js'

/** Per user; several full batches. */
const MAX_WAITING_CALLS = 1_000

/** Per user; several hundred of the largest `costs.recordMany`. */
const MAX_HELD_BYTES = 64 * 1024 * 1024

/** The services that all procedures of one process share. */
export type Services = {
  readonly db: Knex
  readonly ledger: Ledger
  readonly watch: Watch
  readonly streams: OpenStreams
  readonly verifier: Verifier
  readonly credentials: Credentials
  /** Written every few seconds; `flush` writes the rest before the database is closed. */
  readonly failedSignIns: FailedSignInCounts
  readonly version: string
  /** Where callers reach the servers of this database; undefined when that is what their requests say. */
  readonly publicUrl?: string | undefined
  /** Limits the calls of one credential within a minute. */
  readonly callLimit: CallLimit
  /** Limits the calls that one user runs at once; reads and writes count separately. */
  readonly concurrency: Record<'reads' | 'writes', ConcurrencyLimit>
  /** Limits the size of the bodies of one user's unanswered calls. */
  readonly heldBytes: HeldBytes
  /** Logs the full error under the request id; callers only see the id. */
  readonly logInternal: (error: unknown, requestId: string) => void
  /** Logs why the database was unavailable, once for all the calls that failed together. */
  readonly logUnavailable: (error: unknown, requestId: string) => void
  readonly observer: Observer
  /** Finds the trace of a request by its headers. */
  readonly traceOf: (headers: TraceHeaders) => RequestTrace
  readonly sharedState: SharedState
}

/** The context of one request. */
export type Context = {
  readonly services: Services
  readonly requestId: string
  /** The network address of the caller; null when there is no network. */
  readonly address: string | null
  /** The size of the request's body, divided among its calls. */
  readonly bytesPerCall: number
  /** Returns the authenticated caller, looked up once per request. @throws DomainError `unauthenticated`. */
  readonly actor: () => Promise<Actor>
  /** Returns the caller if it has been authenticated by now. */
  readonly knownActor: () => Actor | undefined
  /** The calls of the request that have ended, in that order. */
  readonly calls: Pick<ObservedCall, 'path' | 'reason' | 'milliseconds'>[]
  readonly trace: RequestTrace
  /** Headers for the response; a stream sends those present when it begins. */
  readonly answerHeaders: Record<string, string>
}

/** What the services are created from. */
export type ServicesOptions = Omit<
  CredentialParts,
  'now' | 'failuresPerMinute' | 'onFailure' | 'onUnauthenticated' | 'sharedState'
> &
  Pick<Services, 'version' | 'publicUrl' | 'logInternal' | 'logUnavailable'> & {
    readonly limits?: Limits
    readonly observer?: Observer
    /** Defaults to that of a server which is alone. */
    readonly sharedState?: SharedState | undefined
    /** A monotonic clock, in milliseconds; defaults to `performance.now`. */
    readonly now?: () => number
  }

/** What callers may do within a minute. */
export type Limits = {
  /** Wrong credentials from one address; 30 by default. */
  readonly failures?: number | undefined
  /** Calls with one API key, unless the key has its own limit; undefined sets no limit. */
  readonly calls?: number | undefined
}

const FAILURES_PER_MINUTE = 30

/** Creates the services of one process on a database, with one ledger, so that calls share commits. */
export function createServices(options: ServicesOptions): Services {
  const {
    db,
    secrets,
    proofs,
    issuer,
    oidc,
    now = () => performance.now(),
    version,
    logInternal,
    logUnavailable,
    observer = NO_OBSERVER,
    sharedState = inMemoryState(),
  } = options
  const { failures: failuresPerMinute = FAILURES_PER_MINUTE, calls } = options.limits ?? {}
  const watch = createWatch(db)
  sharedState.listen('wake', watch.wake)
  const failedSignIns = createFailedSignInCounts(db, (error) => {
    const log = domainErrorOf(db, error)?.reason === 'unavailable' ? logUnavailable : logInternal
    log(error, 'failed sign-ins')
  })
  const bounds = { atOnce: dialectOf(db).callsPerUser, maxWaiting: MAX_WAITING_CALLS }
  return {
    db,
    version,
    publicUrl: options.publicUrl,
    logInternal,
    logUnavailable,
    observer,
    traceOf: traceRequests(),
    sharedState,
    ledger: createLedger(db, {
      committed(group) {
        const charged = new Set(group.charges.map(({ projectId }) => projectId))
        watch.wake(charged)
        sharedState.tell('wake', charged)
        observer.committed(group)
      },
    }),
    watch,
    streams: createOpenStreams(db),
    verifier: createVerifier(db),
    credentials: createCredentials({
      db,
      secrets,
      proofs,
      issuer,
      oidc,
      now,
      failuresPerMinute,
      onFailure: failedSignIns.count,
      onUnauthenticated: (failure) => observer.authenticationFailed(failure),
      sharedState,
    }),
    failedSignIns,
    callLimit: limitCalls(calls, sharedState),
    concurrency: { reads: limitConcurrency(bounds), writes: limitConcurrency(bounds) },
    heldBytes: limitHeldBytes(MAX_HELD_BYTES),
  }
}

type RequestParts = { requestId: string; bytesPerCall?: number; headers?: TraceHeaders }

/**
 * Creates the context of one request; authenticates the caller when `actor` is first called. `headers` tell of the caller's
 * trace.
 */
export function createContext(
  services: Services,
  { requestId, bytesPerCall = 0, headers = {}, ...presented }: Presented & RequestParts,
): Context {
  let actor: Promise<Actor> | undefined
  let known: Actor | undefined
  async function authenticate(): Promise<Actor> {
    known = await services.credentials.authenticate(presented)
    return known
  }
  return {
    services,
    requestId,
    address: presented.address,
    bytesPerCall,
    actor() {
      actor ??= authenticate()
      return actor
    },
    knownActor: () => known,
    calls: [],
    trace: services.traceOf(headers),
    answerHeaders: {},
  }
}
