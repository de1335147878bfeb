import type { FetchLike } from '../client-options.js'
import { type Failure, type FailureOptions, plannedFailures } from './failures.js'
import { type Memory, wake } from './memory.js'
import { createUser } from './procedures/users.js'
import { serve } from './serve.js'
import { emptyTables } from './tables.js'

export type { Failure, FailureOptions } from './failures.js'

/** How a server in memory begins. */
export interface MemoryServerOptions {
  /** The clock, in milliseconds since 1970; `Date.now` unless given, and so also one that a test framework has replaced. */
  readonly now?: (() => number) | undefined
}

/** An MGX server in memory: `createMgxClient(server)` is a client of it, and of nothing else. */
export interface MemoryServer {
  /** Where it is said to be; no request leaves the process. */
  readonly url: string
  /** The API key of the admin it begins with. For another caller: `createMgxClient({ ...server, apiKey })`. */
  readonly apiKey: string
  /** Answers requests as the server would. */
  readonly fetch: FetchLike
  /** Moves its clock on: holds and sessions expire. @throws TypeError for less than 0 seconds. */
  advance(seconds: number): void
  /**
   * Makes the next call fail, or the next `times` calls of a `procedure`.
   * @throws TypeError for a failure or a procedure that there is not.
   */
  failNext(failure: Failure, options?: FailureOptions): void
}

/**
 * An empty MGX server in memory, for tests of what uses the client. It decides by the same code as a real server, keeps
 * nothing, and shares nothing with another one.
 */
export function createMemoryServer({ now = () => Date.now() }: MemoryServerOptions = {}): MemoryServer {
  let advanced = 0
  const clock = () => new Date(now() + advanced).toISOString()
  const memory: Memory = { tables: emptyTables(), now: clock, waiting: new Set() }
  const failures = plannedFailures()
  const admin = { username: 'admin', email: 'admin@localhost.local', role: 'admin', spendingLimit: null } as const
  const { apiKey } = createUser(memory, admin)
  return {
    url: 'http://mgx.in.memory',
    apiKey: apiKey ?? '',
    fetch: serve(memory, failures),
    advance(seconds) {
      if (!Number.isFinite(seconds) || seconds < 0) throw new TypeError('seconds must be 0 or more')
      advanced += seconds * 1_000
      wake(memory)
    },
    failNext: failures.plan,
  }
}
