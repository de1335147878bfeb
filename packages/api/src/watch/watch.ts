import { DomainError, invalidField, type WatchedCost } from '@mgx/contract'
import { domainErrorOf, EVERYTHING, getBudget, newestCostRecordId, nextCostRecords } from '@mgx/db'
import type { Knex } from 'knex'
import { createFeed, type Feed, type FeedTiming, PAGE_RECORDS } from './feed.js'

/**
 * Follows the cost records of projects as any process commits them. Watchers share reads, so check that the caller may
 * see the project before using it.
 */
export type Watch = {
  /**
   * Returns the id to begin after: the given one or, without one, that of the newest record.
   * @throws DomainError `invalid_input` for an id past the newest record.
   */
  start(projectId: number, lastId: number | undefined): Promise<number>
  /**
   * Yields the records after an id: each exactly once, in commit order; none while the database is unavailable. Ends
   * when aborted.
   * @throws the reason of the abort if it is a DomainError.
   */
  records(projectId: number, after: number, signal: AbortSignal): AsyncGenerator<WatchedCost, void>
  /** Signals that records of these projects were committed in this process. */
  wake(projectIds: Iterable<number>): void
  /** Stops all feeds; resolves when none reads the database. Call it once no new stream can begin. */
  end(): Promise<void>
}

const TIMING: FeedTiming = { pollMilliseconds: 450, restMilliseconds: 50 }
const IDLE_MILLISECONDS = 60_000

/** A feed and the number of its watchers. */
type Followed = { readonly feed: Feed; watchers: number }

export function createWatch(db: Knex, timing: FeedTiming = TIMING): Watch {
  const feeds = new Map<number, Followed>()
  const ending = new Set<Promise<void>>()

  /** Returns undefined while the database is unavailable. Reads the budget last, so that it includes the records. */
  async function read(projectId: number, after: number): Promise<WatchedCost[] | undefined> {
    try {
      const records = await nextCostRecords(db, EVERYTHING, { projectId, after, limit: PAGE_RECORDS })
      if (records.length === 0) return []
      const budget = await getBudget(db, EVERYTHING, projectId)
      return records.map((record) => ({ record, budget }))
    } catch (error) {
      if (domainErrorOf(db, error)?.reason === 'unavailable') return undefined
      throw error
    }
  }

  /** Forgets a feed that failed or has no watchers, so that the next watcher starts a new one. */
  function forget(projectId: number, followed: Followed): void {
    if (feeds.get(projectId) === followed) feeds.delete(projectId)
  }

  function join(projectId: number, after: number): Followed {
    const known = feeds.get(projectId)
    const followed: Followed = known ?? {
      feed: createFeed(
        (id) => read(projectId, id),
        after,
        timing,
        () => forget(projectId, followed),
      ),
      watchers: 0,
    }
    followed.watchers += 1
    feeds.set(projectId, followed)
    return followed
  }

  function leave(projectId: number, followed: Followed): void {
    followed.watchers -= 1
    if (followed.watchers > 0) return
    forget(projectId, followed)
    const ended = followed.feed.end().finally(() => ending.delete(ended))
    ending.add(ended)
  }

  async function* follow(projectId: number, after: number, signal: AbortSignal): AsyncGenerator<WatchedCost, void> {
    const newest = await unlessAborted(signal, newestCostRecordId(db, EVERYTHING, projectId))
    if (newest === undefined) return
    const followed = join(projectId, newest)
    const { feed } = followed
    try {
      for (let last = after; !signal.aborted; ) {
        const since = feed.arrivals()
        const records = await unlessAborted(signal, feed.after(last))
        for (const watched of records ?? []) {
          // Checked for each record, because a slow reader may lose access before it takes the next one.
          if (signal.aborted) return
          yield watched
          last = watched.record.id
        }
        if (!records?.length) await feed.arrival(since, records ? IDLE_MILLISECONDS : timing.pollMilliseconds, signal)
      }
    } finally {
      leave(projectId, followed)
    }
  }

  return {
    async start(projectId, lastId) {
      const newest = await newestCostRecordId(db, EVERYTHING, projectId)
      if (lastId !== undefined && lastId > newest) throw invalidField('lastEventId', 'is past the newest record')
      return lastId ?? newest
    },

    async *records(projectId, after, signal) {
      yield* follow(projectId, after, signal)
      if (signal.reason instanceof DomainError) throw signal.reason
    },

    wake(projectIds) {
      for (const projectId of projectIds) feeds.get(projectId)?.feed.wake()
    },

    async end() {
      for (const { feed } of feeds.values()) ending.add(feed.end())
      await Promise.all(ending)
    },
  }
}

/** Resolves to the value of a promise, or to undefined if the signal is aborted first. */
function unlessAborted<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
