import { setTimeout as sleep } from 'node:timers/promises'
import type { WatchedCost } from '@mgx/contract'
import { createEventCount } from './event-count.js'

/**
 * Reads the next records of a project after an id, in order. Returns fewer than a page when there are no more yet, and
 * undefined while the database is unavailable.
 */
export type ReadAfter = (id: number) => Promise<WatchedCost[] | undefined>

export const PAGE_RECORDS = 100

export type FeedTiming = {
  /** How long a record written by another process may go unnoticed. */
  pollMilliseconds: number
  /** How long the feed rests between two reads, however many commits there are. */
  restMilliseconds: number
}

/**
 * The new records of one project, read once for all its watchers. It keeps only the last page: slow watchers query the
 * database themselves, so memory stays bounded.
 */
export type Feed = {
  /** Signals that there may be new records. */
  wake(): void
  /**
   * Returns the records after an id that have been read so far; undefined while the database is unavailable.
   * @throws the error that the feed failed with, on every call from then on.
   */
  after(id: number): Promise<WatchedCost[] | undefined>
  /** Returns the number of arrivals. Read it before `after`, then pass it to `arrival`. */
  arrivals(): number
  /**
   * Resolves when records have arrived since or the feed ended, after these milliseconds at the latest, or when
   * aborted.
   */
  arrival(since: number, milliseconds: number, signal?: AbortSignal): Promise<void>
  /** Stops the feed; resolves when it no longer reads. */
  end(): Promise<void>
}

/** Creates a feed that calls `onFailure` when a read fails for any reason other than an unavailable database. */
export function createFeed(read: ReadAfter, start: number, timing: FeedTiming, onFailure: () => void): Feed {
  const { pollMilliseconds, restMilliseconds } = timing
  const commits = createEventCount()
  const arrivals = createEventCount()
  let last: { after: number; upTo: number; records: WatchedCost[] } = { after: start, upTo: start, records: [] }
  let failure: { error: unknown } | undefined
  let isEnded = false

  async function follow(): Promise<void> {
    while (!isEnded) {
      const counted = commits.count()
      const records = (await read(last.upTo)) ?? []
      const newest = records.at(-1)
      if (newest) {
        last = { after: last.upTo, upTo: newest.record.id, records }
        arrivals.advance()
      }
      if (records.length === PAGE_RECORDS) continue
      await sleep(restMilliseconds)
      await commits.next(counted, pollMilliseconds)
    }
  }
  const following = follow().catch((error: unknown) => {
    failure = { error }
    onFailure()
    arrivals.advance()
  })

  return {
    wake: commits.advance,
    async after(id) {
      if (failure) throw failure.error
      if (id < last.after) return read(id)
      return last.records.filter(({ record }) => record.id > id)
    },
    arrivals: arrivals.count,
    arrival: arrivals.next,
    end() {
      isEnded = true
      commits.advance()
      arrivals.advance()
      return following
    },
  }
}
