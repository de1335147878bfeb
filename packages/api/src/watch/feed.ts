import { setTimeout as sleep } from 'node:timers/promises'
import type { WatchedCost } from '@mgx/contract'
import { createEventCount } from './event-count.js'

/**
 * Reads the next records of a project after an id, in order; fewer than a page of them when there are no more yet, and
 * undefined while the database is unavailable.
 */
export type ReadAfter = (id: number) => Promise<WatchedCost[] | undefined>

export const PAGE_RECORDS = 100

export type FeedTiming = {
  /** How long a record that another process wrote may go unnoticed. */
  pollMilliseconds: number
  /** How long it rests between two readings, however many commits there are. */
  restMilliseconds: number
}

/**
 * The new records of one project, read once for however many watch it. It keeps only what it read last: slow watchers
 * read the database themselves, so that nobody's slowness takes memory.
 */
export type Feed = {
  /** Says that there may be something to read. */
  wake(): void
  /**
   * The records after an id, without those that are not known yet; undefined while the database is unavailable.
   * @throws what the feed failed with, for good.
   */
  after(id: number): Promise<WatchedCost[] | undefined>
  /** Counts the arrivals; taken before `after`, it is what to wait from. */
  arrivals(): number
  /** Resolves when records have arrived since, or the feed ended; at the latest after these milliseconds, or when aborted. */
  arrival(since: number, milliseconds: number, signal?: AbortSignal): Promise<void>
  /** Resolves when it reads no more. */
  end(): Promise<void>
}

/** `onFailure` hears when a reading failed for another reason than an unavailable database. */
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
