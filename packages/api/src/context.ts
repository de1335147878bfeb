import { performance } from 'node:perf_hooks'
import { createLedger, createVerifier, dialectOf, type Ledger, type Verifier } from '@mgx/db'
import type { Knex } from 'knex'
import type { CredentialParts } from './authentication/credential-parts.js'
import { type Credentials, createCredentials } from './authentication/credentials.js'
import type { Actor } from './authority/actor.js'
import { type ConcurrencyLimit, limitConcurrency } from './concurrency-limit.js'
import { createOpenStreams, type OpenStreams } from './watch/open-streams.js'
import { createWatch, type Watch } from './watch/watch.js'

/** Of one user: some full batches. */
const MAX_WAITING_CALLS = 1_000

/** What the procedures of one process share. */
export type Services = {
  readonly db: Knex
  readonly ledger: Ledger
  readonly watch: Watch
  readonly streams: OpenStreams
  readonly verifier: Verifier
  readonly credentials: Credentials
  readonly version: string
  /** What one user may have under way at once; reads go on beside writes. */
  readonly concurrency: Record<'reads' | 'writes', ConcurrencyLimit>
  /** Keeps what a caller is not told, under the request id he is told. */
  readonly logInternal: (error: unknown, requestId: string) => void
  /** Keeps why the database could not serve, once for all the calls that failed together. */
  readonly logUnavailable: (error: unknown, requestId: string) => void
}

/** What one request brings. */
export type Context = {
  readonly services: Services
  readonly requestId: string
  /** The caller, found out once a request. @throws DomainError `unauthenticated`. */
  readonly actor: () => Promise<Actor>
  /** Headers for the answer; a stream sends what is here when it begins. */
  readonly answerHeaders: Record<string, string>
}

/** What services are made from. */
export type ServicesOptions = Omit<CredentialParts, 'now'> &
  Pick<Services, 'version' | 'logInternal' | 'logUnavailable'> & {
    /** A monotonic clock, in milliseconds; `performance.now` unless given. */
    readonly now?: () => number
  }

/** The services of one process on a database: one ledger, whose calls share their commits. */
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

/** The context of one request; who calls is found out when first asked. */
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
