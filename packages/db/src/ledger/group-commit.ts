import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers'
import { DomainError, rateLimited } from '@mgx/contract'
import { createTurns } from '../turns.js'

/** Runs the operations of one group and answers one outcome each, in order; a throw means that nothing was kept. */
export type CommitGroup<Operation, Outcome> = (operations: Operation[]) => Promise<Outcome[]>

/**
 * Whose turn a call takes, and when it is answered at the latest, in milliseconds as `performance.now()` tells them: a
 * group that begins after that leaves it out, for nobody waits for it any more.
 */
export type Turn = { readonly userId: number; readonly deadline: number }

export type GroupCommit<Operation, Outcome> = {
  /** Puts operations in the next group of which it is their turn; answers their outcomes once it is committed. */
  submit(operations: Operation[], turn?: Turn): Promise<Outcome[]>
  /** Resolves when nothing is waiting or in flight. */
  drained(): Promise<void>
}

type Waiting<Operation, Outcome> = {
  operations: Operation[]
  deadline: number
  resolve(outcomes: Outcome[]): void
  reject(error: unknown): void
}

export type GroupCommitOptions = {
  /** Operations in one group, unless a single call has more. */
  maxOperations: number
  /** Operations that may wait; past it calls are refused as `unavailable`. */
  maxWaiting: number
  /** Calls of one user that may wait; past it they are refused as `rate_limited`. */
  maxWaitingPerUser: number
  isWorthRetrying(error: unknown): boolean
}

/**
 * Groups concurrent calls into one transaction: while a group is in flight, the next one gathers. An idle ledger takes
 * the calls that come at once, such as those of a batch, and waits for nobody else. Where more wait than a group takes,
 * users take turns, so that the calls of one are in the next group however many another sends. When a group fails and
 * `isWorthRetrying` says that one of its calls is to blame, they are run alone, so that one poisoned call never fails its
 * neighbours.
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

  /** Commits a group; answers the function that tells its calls. */
  async function commitGroup(group: Waiting<Operation, Outcome>[]): Promise<() => void> {
    if (group.length === 0) return () => {}
    try {
      const outcomes = await commit(group.flatMap((call) => call.operations))
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
      // The next group is on its way to the database before the answers take their time.
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
    submit(operations, { userId, deadline = Number.POSITIVE_INFINITY }: Partial<Turn> = {}) {
      if (waiting.countOf(userId) >= maxWaitingPerUser) {
        return Promise.reject(rateLimited('too many calls of yours are waiting: wait a moment'))
      }
      if (waitingOperations + operations.length > maxWaiting && waitingOperations > 0) {
        return Promise.reject(new DomainError('unavailable', 'too many calls are waiting for the database'))
      }
      waitingOperations += operations.length
      return new Promise((resolve, reject) => {
        waiting.add(userId, { operations, deadline, resolve, reject })
        running ??= run()
      })
    },
    async drained() {
      while (running) await running
    },
  }
}

/** Refuses a call whose deadline has passed; answers whether it has. */
function refuseOverdue({ deadline, reject }: Waiting<unknown, never>): boolean {
  if (performance.now() < deadline) return false
  reject(new DomainError('unavailable', 'the database was too slow: this was not done'))
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
