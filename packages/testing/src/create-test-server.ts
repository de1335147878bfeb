import { createHash, randomBytes } from 'node:crypto'
import { createServices, type KeyProofs } from '@mgx/api'
import { createWasmDatabase } from '@mgx/db/wasm'
import manifest from '../package.json' with { type: 'json' }
import { createFetch, type Fetch } from './create-fetch.js'
import { type Failure, type FailureOptions, plannedFailures } from './planned-failures.js'

/** Options of {@link createTestServer}. */
export interface TestServerOptions {
  /** The server's clock, in milliseconds since 1970. Defaults to `Date.now`, including one faked by a test framework. */
  readonly now?: (() => number) | undefined
}

/** An MGX server in this process; `createMgxClient(server)` creates a client for it. */
export interface TestServer {
  /** The URL for requests through `fetch`; no request leaves the process. */
  readonly url: string
  /** The API key of the initial admin. For another caller, use `createMgxClient({ ...server, apiKey })`. */
  readonly apiKey: string
  /** Serves requests under `/trpc` as the server does over HTTP. */
  readonly fetch: Fetch
  /** Advances the clock, so that holds, sessions and keys expire. @throws TypeError when `seconds` is negative or not finite. */
  advance(seconds: number): void
  /**
   * Makes the next call fail, or the next `times` calls of a `procedure`.
   * @throws TypeError for an unknown failure or procedure, or when `times` is not a positive integer.
   */
  failNext(failure: Failure, options?: FailureOptions): void
  /** Ends the streams and frees the database; later requests fail as if the server were gone. */
  close(): Promise<void>
}

/** A plain hash is enough, because the keys of a test are not secrets. */
const hashProofs: KeyProofs = {
  make: async (apiKey) => sha256(apiKey),
  check: async (proof, apiKey) => proof === sha256(apiKey),
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

/**
 * Starts an empty MGX server in memory, for the tests of services that use the client. It runs the API, the ledger and the
 * migrations of the real server on a database of its own.
 */
export async function createTestServer({ now = () => Date.now() }: TestServerOptions = {}): Promise<TestServer> {
  let advanced = 0
  const clock = () => now() + advanced
  const db = await createWasmDatabase(clock)
  const logInternal = (error: unknown, requestId: string) => console.error(`internal error ${requestId}:`, error)
  const services = createServices({
    issuer: 'http://mgx.test',
    db,
    secrets: { current: randomBytes(32).toString('base64url') },
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
      if (!Number.isFinite(seconds) || seconds < 0) throw new TypeError('seconds must be a number, 0 or more')
      advanced += seconds * 1_000
    },
    failNext: failures.plan,
    async close() {
      if (lifetime.signal.aborted) return
      lifetime.abort()
      services.streams.end()
      await services.watch.end()
      await services.ledger.drained()
      await services.failedSignIns.flush()
      await db.destroy()
    },
  }
}
