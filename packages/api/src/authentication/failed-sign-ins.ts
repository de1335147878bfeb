import { clearTimeout, setTimeout } from 'node:timers'
import { countFailedSignIns } from '@mgx/db'
import type { Knex } from 'knex'

/** Counts wrong credentials by address, off the path of the calls that present them. */
export type FailedSignInCounts = {
  /** Counts one, in memory. */
  count(source: string): void
  /** Writes what has been counted. Counts that cannot be written are kept for the next time; never rejects. */
  flush(): Promise<void>
}

/** So that a flood costs the database one short transaction in this time. */
const PAUSE_MILLISECONDS = 5_000
/** Bounds the memory and the rows of one flush; further addresses are counted together. */
const MOST_ADDRESSES = 2_000
const OTHERS = 'others'

/** Counts wrong credentials, and writes them every few seconds. `logFailure` is told once when they cannot be written. */
export function createFailedSignInCounts(db: Knex, logFailure: (error: unknown) => void): FailedSignInCounts {
  let counts = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let isFailing = false
  let writing = Promise.resolve()

  function add(source: string, count: number): void {
    const name = counts.has(source) || counts.size < MOST_ADDRESSES ? source : OTHERS
    counts.set(name, (counts.get(name) ?? 0) + count)
  }

  async function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const written = counts
    if (written.size === 0) return
    counts = new Map()
    try {
      await countFailedSignIns(db, written)
      isFailing = false
    } catch (error) {
      if (!isFailing) logFailure(error)
      isFailing = true
      for (const [source, count] of written) add(source, count)
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(write)
    return writing
  }

  return {
    count(source) {
      add(source, 1)
      timer ??= setTimeout(flush, PAUSE_MILLISECONDS).unref()
    },
    flush,
  }
}
