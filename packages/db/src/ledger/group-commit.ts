import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers'
import { DomainError, rateLimited } from '@mgx/contract'
import type { SpanContext } from '@opentelemetry/api'
import { createTurns } from '../turns.js'

/**
 * Commits the operations of one group and returns one outcome each, in order. When it throws, nothing was committed.
 */
export type CommitGroup<Operation, Outcome> = (
  operations: Operation[],
  calls: readonly Pick<Turn, 'span'>[],
) => Promise<Outcome[]>

/**
 * The user whose turn a call takes, and its deadline in milliseconds of `performance.now()`. A group that begins after
 * the deadline leaves the call out, because its caller no longer waits. The span of the group links to that of the call.
 */
export type Turn = { readonly userId: number; readonly deadline: number; readonly span?: SpanContext | undefined }

export type GroupCommit<Operation, Outcome> = {
  /** Queues operations for a group and returns their outcomes once that group is committed. */
  submit(operations: Operation[], turn?: Turn): Promise<Outcome[]>
  /** Returns how many operations wait for the next group. */
  waiting(): number
  /** Resolves when no operation is waiting or in flight. */
  drained(): Promise<void>
}

type Waiting<Operation, Outcome> = {
  operations: Operation[]
  deadline: number
  span: SpanContext | undefined
  resolve(outcomes: Outcome[]): void
  reject(error: unknown): void
}

export type GroupCommitOptions = {
  /** The most operations in one group, unless a single call has more. */
  maxOperations: number
  /** The most operations that may wait; further calls are rejected as `unavailable`. */
  maxWaiting: number
  /** The most calls of one user that may wait; further ones are rejected as `rate_limited`. */
  maxWaitingPerUser: number
  isWorthRetrying(error: unknown): boolean
}

/**
 * Groups concurrent calls into one transaction: while a group is in flight, the next one gathers. An idle ledger groups
 * the calls that arrive in the same tick, such as those of a batch, and does not wait for more. When more calls wait
 * than fit into a group, users take turns, so that one user's many calls do not delay another's. When a group fails and
 * `isWorthRetrying` says that a single call may be the cause, each call runs alone, so that one bad call never fails
 * its neighbours.
 */
export function groupCommit<Operation, Outcome>(
  commit: CommitGroup<Operation, Outcome>,
  { maxOperations, maxWaiting, maxWaitingPerUser, isWorthRetrying }: GroupCommitOptions,
): GroupCommit<Operation, Outcome> {
  const waiting = createTurns<Waiting<Operation, Outcome>>()
  let waitingOperations = 0
  let running: Promise<void> | undefined

  function nextGroup(): Waiting<Operation, Outcome>[] {
    const group: Waiting<Operation, Outcome>[] = []
    let room = maxOperations
    for (let call = waiting.peek(); call; call = waiting.peek()) {
      const { length } = call.operations
      if (length > room && group.length > 0) break
      waiting.take()
      waitingOperations -= length
      if (refuseOverdue(call)) continue
      group.push(call)
      room -= length
    }
    return group
  }

  /** Commits a group and returns the function that settles its calls' promises. */
  async function commitGroup(group: Waiting<Operation, Outcome>[]): Promise<() => void> {
    if (group.length === 0) return () => {}
    try {
      const operations = group.flatMap((call) => call.operations)
      const outcomes = await commit(operations, group)
      return () => resolveAll(group, outcomes)
    } catch (error) {
      if (group.length > 1 && isWorthRetrying(error)) {
        for (const call of group) if (!refuseOverdue(call)) (await commitGroup([call]))()
        return () => {}
      }
      return () => {
        for (const { reject } of group) reject(error)
      }
    }
  }

  async function run(): Promise<void> {
    await new Promise<void>((resolve) => process.nextTick(resolve))
    while (waiting.size > 0) {
      const tell = await commitGroup(nextGroup())
      // Settles the promises later, so that the next group is sent to the database first.
      const told = new Promise<void>((resolve) => {
        setImmediate(() => {
          tell()
          resolve()
        })
      })
      if (waiting.size === 0) await told
    }
    running = undefined
  }

  return {
    submit(operations, { userId, deadline = Number.POSITIVE_INFINITY, span }: Partial<Turn> = {}) {
      if (waiting.countOf(userId) >= maxWaitingPerUser) {
        return Promise.reject(rateLimited('too many of your calls are waiting: wait a moment'))
      }
      if (waitingOperations + operations.length > maxWaiting && waitingOperations > 0) {
        return Promise.reject(new DomainError('unavailable', 'too many calls are waiting for the database'))
      }
      waitingOperations += operations.length
      return new Promise((resolve, reject) => {
        waiting.add(userId, { operations, deadline, span, resolve, reject })
        running ??= run()
      })
    },
    waiting: () => waitingOperations,
    async drained() {
      while (running) await running
    },
  }
}

/** Rejects a call whose deadline has passed; returns whether it did. */
function refuseOverdue({ deadline, reject }: Waiting<unknown, never>): boolean {
  if (performance.now() < deadline) return false
  reject(new DomainError('unavailable', 'the database was too slow: the call was not executed'))
  return true
}

function resolveAll<Operation, Outcome>(group: Waiting<Operation, Outcome>[], outcomes: Outcome[]): void {
  let start = 0
  for (const { operations, resolve } of group) {
    const end = start + operations.length
    resolve(outcomes.slice(start, end))
    start = end
  }
}
