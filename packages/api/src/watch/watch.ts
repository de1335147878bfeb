import { DomainError, invalidField, type WatchedCost } from '@mgx/contract'
import { getBudget, newestCostRecordId, nextCostRecords } from '@mgx/db'
import type { Knex } from 'knex'
import { createFeed, type Feed, type FeedTiming, PAGE_RECORDS } from './feed.js'

/** Follows the cost records of projects as they are committed, by whichever process. */
export type Watch = {
  /**
   * Where to begin: after the record with this id, or, without one, after the newest there is.
   * @throws DomainError `invalid_input` for an id past the newest record.
   */
  start(projectId: number, lastId: number | undefined): Promise<number>
  /**
   * The records after an id: every one, once, in the order of their commits. Ends when aborted.
   * @throws DomainError `unavailable` when this process ends, and whatever `stillAllowed` throws, which is asked every few
   *   seconds.
   */
  records(
    projectId: number,
    after: number,
    options: { signal: AbortSignal | undefined; stillAllowed(): Promise<unknown> },
  ): AsyncGenerator<WatchedCost, void>
  /** Says that records of these projects were committed in this process. */
  wake(projectIds: Iterable<number>): void
  /** Ends every stream; resolves when the database is not read any more. */
  end(): Promise<void>
}

export type WatchTiming = FeedTiming & { allowanceMilliseconds: number }

const TIMING: WatchTiming = { pollMilliseconds: 450, restMilliseconds: 50, allowanceMilliseconds: 5_000 }

export function createWatch(db: Knex, timing: WatchTiming = TIMING): Watch {
  const feeds = new Map<number, { feed: Feed; watchers: number }>()
  const ending = new Set<Promise<void>>()
  let isEnded = false

  /** The budget is read after the records, so that it counts them. */
  async function read(projectId: number, after: number): Promise<WatchedCost[]> {
    const records = await nextCostRecords(db, { projectId, after, limit: PAGE_RECORDS })
    if (records.length === 0) return []
    const budget = await getBudget(db, {}, projectId)
    return records.map((record) => ({ record, budget }))
  }

  function join(projectId: number, after: number): Feed {
    const known = feeds.get(projectId) ?? {
      feed: createFeed((id) => read(projectId, id), after, timing),
      watchers: 0,
    }
    known.watchers += 1
    feeds.set(projectId, known)
    return known.feed
  }

  function leave(projectId: number): void {
    const known = feeds.get(projectId)
    if (!known) return
    known.watchers -= 1
    if (known.watchers > 0) return
    feeds.delete(projectId)
    const ended = known.feed.end().finally(() => ending.delete(ended))
    ending.add(ended)
  }

  return {
    async start(projectId, lastId) {
      const newest = await newestCostRecordId(db, projectId)
      if (lastId !== undefined && lastId > newest) throw invalidField('lastEventId', 'is past the newest record')
      return lastId ?? newest
    },

    async *records(projectId, after, { signal, stillAllowed }) {
      if (isEnded) throw ended()
      const feed = join(projectId, await newestCostRecordId(db, projectId))
      let last = after
      let askAt = performance.now() + timing.allowanceMilliseconds
      try {
        while (!signal?.aborted) {
          if (isEnded) throw ended()
          const since = feed.arrivals()
          const records = await feed.after(last)
          for (const watched of records) {
            if (signal?.aborted) return
            yield watched
            last = watched.record.id
            if (performance.now() >= askAt) break
          }
          if (performance.now() >= askAt) {
            await stillAllowed()
            askAt = performance.now() + timing.allowanceMilliseconds
          }
          if (records.length === 0) await feed.arrival(since, askAt - performance.now(), signal)
        }
      } finally {
        leave(projectId)
      }
    },

    wake(projectIds) {
      for (const projectId of projectIds) feeds.get(projectId)?.feed.wake()
    },

    async end() {
      isEnded = true
      for (const { feed } of feeds.values()) ending.add(feed.end())
      await Promise.all(ending)
    },
  }
}

const ended = () => new DomainError('unavailable', 'the server is shutting down: connect again')
