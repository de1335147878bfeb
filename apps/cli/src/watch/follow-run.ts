import { setTimeout } from 'node:timers/promises'
import type { Budget, MgxClient, Project, Reservation, StreamEvent, WatchedCost } from '@mgx/client'
import { isMgxError } from '../connection.js'
import { hasEnded } from './run-state.js'

/** How often the status and the holds of a run are asked for: no stream tells them. */
const POLL_MS = 1_000

/** As many as a view has room for beside the records. */
const MOST_HOLDS = 3

/** Who is told what happens to a run. */
export type Follower = {
  signal: AbortSignal
  onCost(event: StreamEvent<WatchedCost>): Promise<void>
  /** Called every second; `holds` are the last open ones, newest first. */
  onProject(project: Project, budget: Budget, holds: readonly Reservation[]): Promise<void>
  /** Called with a failure that may pass, and with undefined when the server answers again. */
  onTrouble(error: Error | undefined): Promise<void>
}

/** Follows a run until it has ended and its last costs have come, or until the signal. @throws what does not pass by itself. */
export async function followRun(
  client: MgxClient,
  input: { projectId: number; lastEventId?: string | number },
  { signal, onCost, onProject, onTrouble }: Follower,
): Promise<void> {
  const end = new AbortController()
  const either = AbortSignal.any([signal, end.signal])
  let lastAt = performance.now()
  const costs = async () => {
    for await (const event of client.costs.watch(input, { signal: either })) {
      lastAt = performance.now()
      await onCost(event)
    }
  }
  const project = async () => {
    while (!either.aborted) {
      const { projectId } = input
      const asked = Promise.all([
        client.projects.get({ id: projectId }, { signal: either }),
        client.budgets.get({ projectId }, { signal: either }),
        client.budgets.reservations({ projectId, status: 'held', limit: MOST_HOLDS }, { signal: either }),
      ])
      await asked.then(
        async ([found, budget, { items: holds }]) => {
          await onTrouble(undefined)
          await onProject(found, budget, holds)
          if (hasEnded(found) && performance.now() - lastAt > 2 * POLL_MS) end.abort()
        },
        async (error) => {
          if (either.aborted) return
          if (!isPassing(error)) throw error
          await onTrouble(error)
        },
      )
      await setTimeout(POLL_MS, undefined, { signal: either }).catch(() => {})
    }
  }
  // Whichever fails ends the other.
  const ended = (work: Promise<void>) => work.finally(() => end.abort())
  await Promise.all([ended(costs()), ended(project())])
}

/** The stream connects again by itself while a server restarts; so do the questions beside it. */
const isPassing = (error: unknown): error is Error =>
  isMgxError(error) && ['connection_failed', 'timed_out', 'unavailable', 'rate_limited'].includes(error.reason)
