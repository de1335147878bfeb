import { createHash, randomBytes } from 'node:crypto'
import { createServices, type KeyProofs } from '@mgx/api'
import { createWasmDatabase } from '@mgx/db/wasm'
import manifest from '../package.json' with { type: 'json' }
import { createFetch, type Fetch } from './create-fetch.js'
import { type Failure, type FailureOptions, plannedFailures } from './planned-failures.js'

/** How a test server begins. */
export interface TestServerOptions {
  /** The clock, in milliseconds since 1970; `Date.now` unless given, and so also one that a test framework has replaced. */
  readonly now?: (() => number) | undefined
}

/** An MGX server in this process: `createMgxClient(server)` is a client of it, and of nothing else. */
export interface TestServer {
  /** The address that requests name; none leaves the process. */
  readonly url: string
  /** The API key of the admin it begins with. For another caller: `createMgxClient({ ...server, apiKey })`. */
  readonly apiKey: string
  /** Answers requests under `/trpc` as the server does over HTTP. */
  readonly fetch: Fetch
  /** Moves its clock on: holds, sessions and keys expire. @throws TypeError for less than 0 seconds. */
  advance(seconds: number): void
  /**
   * Makes the next call fail, or the next `times` calls of a `procedure`.
   * @throws TypeError for a failure, a procedure or a number of times that does not exist.
   */
  failNext(failure: Failure, options?: FailureOptions): void
  /** Ends its streams and frees its database; requests after that are refused as by a server that is gone. */
  close(): Promise<void>
}

/** The keys of a test are no secrets, so their proofs need not be expensive. */
const hashProofs: KeyProofs = {
  make: async (apiKey) => sha256(apiKey),
  check: async (proof, apiKey) => proof === sha256(apiKey),
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

/**
 * Starts an empty MGX server in memory, for the tests of services that use the client: the API, the ledger and the
 * migrations of the real server, on a database that shares nothing with another one.
 */
export async function createTestServer({ now = () => Date.now() }: TestServerOptions = {}): Promise<TestServer> {
  let advanced = 0
  const clock = () => now() + advanced
  const db = await createWasmDatabase(clock)
  const logInternal = (error: unknown, requestId: string) => console.error(`internal error ${requestId}:`, error)
  const services = createServices({
    db,
    secret: randomBytes(32).toString('base64url'),
    proofs: hashProofs,
    now: clock,
    version: manifest.version,
    logInternal,
    logUnavailable: logInternal,
  })
  const { apiKey } = await services.credentials.ensureAdmin()
  const failures = plannedFailures()
  const lifetime = new AbortController()
  return {
    url: 'http://mgx.test',
    apiKey: apiKey ?? '',
    fetch: createFetch(services, failures, lifetime.signal),
    advance(seconds) {
      if (!Number.isFinite(seconds) || seconds < 0) throw new TypeError('seconds must be 0 or more')
      advanced += seconds * 1_000
    },
    failNext: failures.plan,
    async close() {
      if (lifetime.signal.aborted) return
      lifetime.abort()
      services.streams.end()
      await services.watch.end()
      await services.ledger.drained()
      await db.destroy()
    },
  }
}
