import { DomainError, invalidField, type WatchedCost } from '@mgx/contract'
import { domainErrorOf, EVERYTHING, getBudget, newestCostRecordId, nextCostRecords } from '@mgx/db'
import type { Knex } from 'knex'
import { createFeed, type Feed, type FeedTiming, PAGE_RECORDS } from './feed.js'

/**
 * Follows the cost records of projects as they are committed, by whichever process. Those who watch share what is read,
 * so whoever calls it has made sure that the caller may see the project.
 */
export type Watch = {
  /**
   * Where to begin: after the record with this id, or, without one, after the newest there is.
   * @throws DomainError `invalid_input` for an id past the newest record.
   */
  start(projectId: number, lastId: number | undefined): Promise<number>
  /**
   * The records after an id: every one, once, in the order of their commits. While the database is unavailable there are
   * none. Ends when aborted, by a DomainError with that one.
   */
  records(projectId: number, after: number, signal: AbortSignal): AsyncGenerator<WatchedCost, void>
  /** Says that records of these projects were committed in this process. */
  wake(projectIds: Iterable<number>): void
  /** Resolves when the database is not read any more; to be called when no stream begins any more. */
  end(): Promise<void>
}

const TIMING: FeedTiming = { pollMilliseconds: 450, restMilliseconds: 50 }
const IDLE_MILLISECONDS = 60_000

/** A feed and how many follow it. */
type Followed = { readonly feed: Feed; watchers: number }

export function createWatch(db: Knex, timing: FeedTiming = TIMING): Watch {
  const feeds = new Map<number, Followed>()
  const ending = new Set<Promise<void>>()

  /** Undefined while the database is unavailable. The budget is read after the records, so that it counts them. */
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

  /** Whoever comes after a feed has failed begins another one. */
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
          // Asked for each: whoever takes records slowly may not be allowed any more when the next one is due.
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

/** What a promise resolves to; undefined when the signal is aborted before that. */
function unlessAborted<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
