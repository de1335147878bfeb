import { performance } from 'node:perf_hooks'
import { createLedger, createVerifier, dialectOf, type Ledger, type Verifier } from '@mgx/db'
import type { Knex } from 'knex'
import type { CredentialParts } from './authentication/credential-parts.js'
import { type Credentials, createCredentials } from './authentication/credentials.js'
import type { Actor } from './authority/actor.js'
import { type ConcurrencyLimit, limitConcurrency } from './concurrency-limit.js'
import { createOpenStreams, type OpenStreams } from './watch/open-streams.js'
import { createWatch, type Watch } from './watch/watch.js'

/** Per user; several full batches. */
const MAX_WAITING_CALLS = 1_000

/** The services that all procedures of one process share. */
export type Services = {
  readonly db: Knex
  readonly ledger: Ledger
  readonly watch: Watch
  readonly streams: OpenStreams
  readonly verifier: Verifier
  readonly credentials: Credentials
  readonly version: string
  /** Limits the calls that one user runs at once; reads and writes count separately. */
  readonly concurrency: Record<'reads' | 'writes', ConcurrencyLimit>
  /** Logs the full error under the request id; callers only see the id. */
  readonly logInternal: (error: unknown, requestId: string) => void
  /** Logs why the database was unavailable, once for all the calls that failed together. */
  readonly logUnavailable: (error: unknown, requestId: string) => void
}

/** The context of one request. */
export type Context = {
  readonly services: Services
  readonly requestId: string
  /** Returns the authenticated caller, looked up once per request. @throws DomainError `unauthenticated`. */
  readonly actor: () => Promise<Actor>
  /** Headers for the response; a stream sends those present when it begins. */
  readonly answerHeaders: Record<string, string>
}

/** What the services are created from. */
export type ServicesOptions = Omit<CredentialParts, 'now'> &
  Pick<Services, 'version' | 'logInternal' | 'logUnavailable'> & {
    /** A monotonic clock, in milliseconds; defaults to `performance.now`. */
    readonly now?: () => number
  }

/** Creates the services of one process on a database, with one ledger, so that calls share commits. */
export function createServices(options: ServicesOptions): Services {
  const { db, secret, proofs, now = () => performance.now(), version, logInternal, logUnavailable } = options
  const watch = createWatch(db)
  const bounds = { atOnce: dialectOf(db).callsPerUser, maxWaiting: MAX_WAITING_CALLS }
  return {
    db,
    version,
    logInternal,
    logUnavailable,
    ledger: createLedger(db, watch.wake),
    watch,
    streams: createOpenStreams(db),
    verifier: createVerifier(db),
    credentials: createCredentials({ db, secret, proofs, now }),
    concurrency: { reads: limitConcurrency(bounds), writes: limitConcurrency(bounds) },
  }
}

/** Creates the context of one request; authenticates the caller when `actor` is first called. */
export function createContext(
  services: Services,
  { authorization, requestId }: { authorization: string | undefined; requestId: string },
): Context {
  let actor: Promise<Actor> | undefined
  return {
    services,
    requestId,
    actor() {
      actor ??= services.credentials.authenticate(authorization)
      return actor
    },
    answerHeaders: {},
  }
}
