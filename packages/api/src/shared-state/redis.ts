import { createHmac, hash, hkdfSync, randomUUID } from 'node:crypto'
import { readIdentity } from '@mgx/db'
import { ErrorReply } from '@redis/client'
import type { Knex } from 'knex'
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { type ConnectionLog, keepConnected, type RedisClient } from './redis-connection.js'
import { sharePages } from './redis-pages.js'
import { type Count, type Counter, type News, type SharedState, WINDOW_SECONDS } from './shared-state.js'
import { countWindows } from './window-counts.js'

const HEARTBEAT_SECONDS = 5
/** Bounds what one message may cause. */
const MOST_IDS = 10_000

export type RedisOptions = {
  readonly url: string
  /** The database whose servers share the state. */
  readonly db: Knex
  /** The secret that these servers share. Without it nobody can read pages, or tell whose counts are whose. */
  readonly secret: string
  readonly log: ConnectionLog
}

/**
 * Shares state in Redis, and connects in the background. Without Redis each server goes on by itself: counts continue from
 * what it knows, nothing is told, and pages are read.
 */
export function redisState({ url, db, secret, log }: RedisOptions): SharedState {
  const server = randomUUID()
  const listeners = new Map<News, (ids: readonly number[]) => void>()
  const untold = new Map<News, Set<number>>()
  /** What all keys begin with. */
  let namespace = ''

  const connection = keepConnected({
    url,
    log,
    prepare: async () => {
      namespace = `mgx:${hash('sha256', await readIdentity(db), 'base64url').slice(0, 16)}`
    },
    begin: (client) => client.subscribe(`${namespace}:news`, hear),
    // Writes, because a Redis that takes no writes is of no use.
    heartbeat: (client) => client.set(`${namespace}:server:${server}`, '', { EX: HEARTBEAT_SECONDS }),
  })

  function hear(message: string): void {
    const told = newsIn(message)
    if (told && told.server !== server) listeners.get(told.news)?.(told.ids)
  }

  /** One message at a time, so that many commits become few messages. */
  async function tellUntold(news: News, ids: Set<number>): Promise<void> {
    while (ids.size > 0) {
      const message = JSON.stringify({ server, news, ids: [...ids].slice(0, MOST_IDS) })
      ids.clear()
      await connection.ask((client) => client.publish(`${namespace}:news`, message))
    }
    untold.delete(news)
  }

  const key = Buffer.from(hkdfSync('sha256', secret, '', 'mgx shared state', 32))
  const hashed = (text: string) => createHmac('sha256', key).update(text).digest('base64url').slice(0, 22)

  function counter(name: string): Counter {
    const counts = countWindows()
    const limiters = new WeakMap<RedisClient, RateLimiterRedis>()

    function limiterOf(storeClient: RedisClient): RateLimiterRedis {
      const known = limiters.get(storeClient)
      if (known) return known
      // Only counts: the limit differs from key to key.
      const points = Number.MAX_SAFE_INTEGER
      const keyPrefix = `${namespace}:count:${name}`
      const options = { storeClient, useRedisPackage: true, keyPrefix, points, duration: WINDOW_SECONDS }
      const limiter = new RateLimiterRedis(options)
      limiters.set(storeClient, limiter)
      return limiter
    }

    /** Returns the count in Redis; undefined for none. Removes one that cannot be true. */
    async function shared(id: string, ask: 'penalty' | 'get'): Promise<Count | undefined> {
      const told = await connection.ask((client) => limiterOf(client)[ask](id).catch(refusalIn))
      const count = told instanceof RateLimiterRes ? countIn(told) : undefined
      if (told && !count) void connection.ask((client) => limiterOf(client).delete(id))
      return count
    }

    return {
      known: counts.known,
      async add(key) {
        const count = await shared(hashed(key), 'penalty')
        // Redis may have lost what this process has counted.
        if (!count || count.count <= counts.known(key).count) return counts.add(key)
        counts.learn(key, count)
        return count
      },
      async read(key) {
        const count = await shared(hashed(key), 'get')
        if (count && count.count > counts.known(key).count) counts.learn(key, count)
        return counts.known(key)
      },
    }
  }

  return {
    counter,
    tell(news, ids) {
      const waiting = untold.get(news)
      if (waiting) {
        for (const id of ids) waiting.add(id)
        return
      }
      const first = new Set(ids)
      untold.set(news, first)
      void tellUntold(news, first)
    },
    listen: (news, listener) => void listeners.set(news, listener),
    page: sharePages({
      connection,
      db,
      secret: key.toString('base64url'),
      keyOf: (name) => `${namespace}:page:${hashed(name)}`,
    }),
    close: connection.close,
  }
}

/** Returns what a message says; undefined for one that no server of ours sent. */
function newsIn(message: string): { server: unknown; news: News; ids: number[] } | undefined {
  try {
    const { server, news, ids } = JSON.parse(message)
    const isSound =
      Array.isArray(ids) && ids.length <= MOST_IDS && ids.every((id) => Number.isSafeInteger(id) && id > 0)
    return isSound ? { server, news, ids } : undefined
  } catch {
    return undefined
  }
}

/** Returns a count; undefined for one that no server of ours wrote. */
function countIn({ consumedPoints, msBeforeNext }: RateLimiterRes): Count | undefined {
  const isSound =
    Number.isSafeInteger(consumedPoints) &&
    consumedPoints > 0 &&
    msBeforeNext > 0 &&
    msBeforeNext <= WINDOW_SECONDS * 1_000
  return isSound ? { count: consumedPoints, endsInMilliseconds: msBeforeNext } : undefined
}

/** Returns the refusal of a command by Redis, such as for a key that holds something else. @throws any other error. */
function refusalIn(error: unknown): ErrorReply {
  if (error instanceof ErrorReply) return error
  throw error
}
