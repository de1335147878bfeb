import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { readClock } from '@mgx/db'
import type { Knex } from 'knex'
import { seal, unseal } from '../authentication/seal.js'
import type { RedisConnection } from './redis-connection.js'
import { PAGE_MILLISECONDS, type Page, type SharedState } from './shared-state.js'

/** How long others wait for the server that reads a page. */
const REFILL_MILLISECONDS = 2_000
const LOOK_MILLISECONDS = 25
const CLOCK_MILLISECONDS = 60_000
/** Readings of the clock are as exact as the database answers quickly. */
const TOLERANCE_MILLISECONDS = 500
const MOST_BYTES = 1_000_000

type Parts = {
  readonly connection: RedisConnection
  readonly db: Knex
  /** Pages are sealed with it and bound to their key, so that nobody else can write or exchange them. */
  readonly secret: string
  readonly keyOf: (name: string) => string
}

/**
 * Returns a function that keeps pages in Redis. They carry when they were read, by the database's clock, so an old one that
 * is put back does not count, whatever the clocks of the servers say. One server at a time reads a page that is missing.
 */
export function sharePages({ connection, db, secret, keyOf }: Parts): SharedState['page'] {
  const clock = followClock(db)
  const reading = new Map<string, Promise<Page<unknown>>>()

  async function find(key: string): Promise<Page<unknown> | undefined> {
    const sealed = await connection.ask((client) => client.get(key))
    const text = typeof sealed === 'string' ? unseal(secret, key, sealed) : undefined
    if (text === undefined) return undefined
    const { readAt, value } = JSON.parse(text)
    const age = (await clock()) - readAt
    if (age < -TOLERANCE_MILLISECONDS || age >= PAGE_MILLISECONDS) return undefined
    return { value, ageSeconds: Math.max(0, Math.floor(age / 1_000)) }
  }

  async function readAndKeep(key: string, read: () => Promise<unknown>): Promise<Page<unknown>> {
    const begin = performance.now()
    try {
      const readAt = await clock()
      const value = await read()
      const sealed = seal(secret, key, JSON.stringify({ readAt, value }))
      const milliseconds = Math.floor(PAGE_MILLISECONDS - (performance.now() - begin))
      if (milliseconds > 0 && sealed.length <= MOST_BYTES) {
        await connection.ask((client) => client.set(key, sealed, { PX: milliseconds }))
      }
      return { value, ageSeconds: 0 }
    } finally {
      void connection.ask((client) => client.del(lockOf(key)))
    }
  }

  async function findOrRead(key: string, read: () => Promise<unknown>): Promise<Page<unknown>> {
    const end = performance.now() + REFILL_MILLISECONDS
    for (;;) {
      const found = await find(key)
      if (found) return found
      const options = { condition: 'NX', PX: REFILL_MILLISECONDS } as const
      // Null while another server reads the page; undefined without Redis.
      const locked = await connection.ask((client) => client.set(lockOf(key), '', options))
      if (locked !== null || performance.now() >= end) return readAndKeep(key, read)
      await sleep(LOOK_MILLISECONDS)
    }
  }

  return async <Value>(name: string, read: () => Promise<Value>) => {
    const key = keyOf(name)
    const running = reading.get(key)
    // What made another call fail, such as its deadline, need not concern this one.
    if (running) return (await running.catch(() => readAndKeep(key, read))) as Page<Value>
    const page = findOrRead(key, read).finally(() => reading.delete(key))
    reading.set(key, page)
    return (await page) as Page<Value>
  }
}

const lockOf = (key: string) => `${key}:reading`

/** Returns a function that tells the database's time in milliseconds, and asks the database once a minute. */
function followClock(db: Knex): () => Promise<number> {
  let offset = 0
  let askedAt = Number.NEGATIVE_INFINITY
  return async () => {
    const before = performance.now()
    if (before - askedAt >= CLOCK_MILLISECONDS) {
      const instant = Date.parse(await readClock(db))
      askedAt = performance.now()
      offset = instant - (before + askedAt) / 2
    }
    return performance.now() + offset
  }
}
