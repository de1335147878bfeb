import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrateLatest, openDatabase } from '@mgx/db'
import { migratedDatabase, testDatabases } from '@mgx/db/testing'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type RedisServer, startRedis } from '../testing/redis-server.js'
import { describeSharedState } from '../testing/shared-state-suite.js'
import { redisState } from './redis.js'
import type { RedisClient } from './redis-connection.js'
import type { SharedState } from './shared-state.js'

const SECRET = 'the secret of the servers in these tests'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis?.kill())

const [sqlite, postgres] = testDatabases
if (!sqlite || !postgres) throw new Error('there are two kinds of databases')

/** Returns a state once it is connected, and what it logs. */
async function connected(db: Knex, { secret = SECRET, url = redis.url } = {}) {
  const log: string[] = []
  const write = (_: unknown, message?: string) => log.push(message ?? String(_))
  const state = redisState({ url, db, secret, log: { warn: write, info: write } })
  const probe = state.counter(`probe-${randomUUID()}`)
  await vi.waitFor(
    async () => {
      await probe.add('x')
      expect(await keysWith('probe')).not.toEqual([])
    },
    { timeout: 5_000 },
  )
  await redis.ask(async (client) => {
    for (const key of await client.keys('*probe*')) await client.del(key)
  })
  return Object.assign(state, { log })
}

const keysWith = (text: string) => redis.ask((client) => client.keys(`*${text}*`))

for (const database of testDatabases) {
  describeSharedState(`in Redis, on ${database.name}`, async () => {
    // Migrated here: a copy of a SQLite database counts as the same one.
    const [db, another] = [await migratedDatabase(database), await openDatabase(await database.url())]
    await migrateLatest(another)
    const states = { one: await connected(db), other: await connected(db), elsewhere: await connected(another) }
    return {
      ...states,
      async end() {
        for (const state of Object.values(states)) await state.close()
        await Promise.all([db.destroy(), another.destroy()])
      },
    }
  })
}

describe('in Redis', () => {
  let db: Knex
  let one: Awaited<ReturnType<typeof connected>>
  let other: typeof one
  beforeAll(async () => {
    db = await migratedDatabase(postgres)
    one = await connected(db)
    other = await connected(db)
  })
  afterAll(async () => {
    await one?.close()
    await other?.close()
    await db?.destroy()
  })

  /** Returns a function that reads a page slowly, and counts how often. */
  const slowRead = (value: unknown) => vi.fn(() => sleep(100, value))

  test('a page is read once for all servers, and is at most five seconds old', async () => {
    const name = randomUUID()
    const read = slowRead({ items: [1] })
    const both = (state: SharedState) => [state.page(name, read), state.page(name, read)]
    const pages = await Promise.all([...both(one), ...both(other)])
    expect(read).toHaveBeenCalledTimes(1)
    for (const page of pages) expect(page).toEqual({ value: { items: [1] }, ageSeconds: 0 })
    await sleep(2_100)
    expect(await other.page(name, read)).toEqual({ value: { items: [1] }, ageSeconds: 2 })
    await sleep(2_900)
    expect(await other.page(name, slowRead('new'))).toEqual({ value: 'new', ageSeconds: 0 })
  })

  test('a reader that dies delays the others by two seconds at most', async () => {
    const name = randomUUID()
    const dying = await connected(db)
    void dying.page(name, () => new Promise(() => {}))
    await vi.waitFor(async () => expect(await keysWith(':reading')).toHaveLength(1))
    await dying.close()
    const start = performance.now()
    expect((await one.page(name, async () => 'page')).value).toBe('page')
    expect(performance.now() - start).toBeLessThan(2_500)
  })

  test('a page that was put back, exchanged, damaged or written by others does not count', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()]
    const before = new Set(await keysWith(':page:'))
    await one.page(mine, async () => 'mine, old')
    const [key = ''] = (await keysWith(':page:')).filter((each) => !before.has(each) && !each.endsWith(':reading'))
    const old = (await redis.ask((client) => client.get(key))) ?? ''
    expect(old).not.toContain('mine')
    await one.page(theirs, async () => 'theirs')
    const [foreignKey = ''] = (await keysWith(':page:')).filter(
      (each) => !before.has(each) && each !== key && !each.endsWith(':reading'),
    )
    const foreign = (await redis.ask((client) => client.get(foreignKey))) ?? ''
    for (const lie of [foreign, `${old.slice(0, -4)}AAAA`, '{"readAt":0,"value":"lie"}', '']) {
      await redis.ask((client) => client.set(key, lie))
      expect(await other.page(mine, async () => 'read')).toEqual({ value: 'read', ageSeconds: 0 })
    }
    await redis.ask((client) => client.multi().del(key).lPush(key, 'a list').exec())
    expect(await other.page(mine, async () => 'read')).toEqual({ value: 'read', ageSeconds: 0 })
    await sleep(5_000)
    await redis.ask((client) => client.set(key, old))
    expect(await other.page(mine, async () => 'read')).toEqual({ value: 'read', ageSeconds: 0 })
  })

  test('pages are not shared with servers that have another secret', async () => {
    const stranger = await connected(db, { secret: 'another secret' })
    onTestFinished(() => stranger.close())
    const name = randomUUID()
    await one.page(name, async () => 'ours')
    expect((await stranger.page(name, async () => 'theirs')).value).toBe('theirs')
    expect((await one.page(name, slowRead('new'))).value).toBe('ours')
  })

  test('a count that Redis lost or that cannot be true never falls below what a server has counted', async () => {
    const [here, there] = [one.counter('lies'), other.counter('lies')]
    const key = 'address 203.0.113.7'
    for (let count = 1; count <= 5; count += 1) expect((await here.add(key)).count).toBe(count)
    expect((await there.read(key)).count).toBe(5)
    const [stored = ''] = await keysWith('lies')
    const tell = (lie: (client: RedisClient) => Promise<unknown>) => redis.ask(lie)
    let count = 5
    for (const lie of [
      () => tell((client) => client.flushAll()),
      () => tell((client) => client.set(stored, '-1000000', { EX: 60 })),
      () => tell((client) => client.set(stored, 'nonsense', { EX: 60 })),
      () => tell((client) => client.set(stored, '9007199254740993', { EX: 60 })),
      () => tell((client) => client.set(stored, '1', { EX: 60 })),
      () => tell((client) => client.set(stored, '3', { EX: 86_400 })),
      () => tell((client) => client.multi().del(stored).lPush(stored, 'a list').exec()),
    ]) {
      await lie()
      count += 1
      expect((await here.add(key)).count).toBe(count)
      expect((await here.read(key)).count).toBe(count)
    }
    // What cannot be true is removed, so that the servers count together again.
    await vi.waitFor(async () => expect(await keysWith('lies')).toEqual([]))
    await here.add(key)
    const added = await here.add('new')
    expect((await there.add('new')).count).toBe(added.count + 1)
  })

  test('messages that no server sent are ignored', async () => {
    const heard: unknown[] = []
    one.listen('recheck', (ids) => heard.push(...ids))
    const [server = ''] = await keysWith(':server:')
    const channel = `${server.split(':server:')[0]}:news`
    const lies = [
      '',
      '{',
      'null',
      '{"news":"recheck"}',
      '{"news":"recheck","ids":"1"}',
      '{"news":"recheck","ids":[-1]}',
    ]
    await redis.ask(async (client) => {
      for (const lie of [
        ...lies,
        '{"news":"recheck","ids":[1.5]}',
        '{"news":"other","ids":[1]}',
        'x'.repeat(1_000_000),
      ]) {
        await client.publish(channel, lie)
      }
    })
    other.tell('recheck', [42])
    await vi.waitFor(() => expect(heard).toEqual([42]))
  })

  test('every key has a name of ours and ends by itself, and none tells whose it is', async () => {
    await one.counter('kept').add('address 203.0.113.7')
    await one.page(`page of apiKey:7 ${randomUUID()}`, async () => ({ email: 'zoe@example.com' }))
    await redis.ask(async (client) => {
      const keys = await client.keys('*')
      expect(keys.some((key) => key.includes(':page:')) && keys.some((key) => key.includes(':count:'))).toBe(true)
      for (const key of keys) {
        expect(key).toMatch(/^mgx:[\w-]{16}:(server:[\w-]{36}|count:[\w-]+:[\w-]{22}|page:[\w-]{22}(:reading)?)$/)
        expect(await client.pTTL(key), key).toBeGreaterThan(0)
        expect(await client.pTTL(key), key).toBeLessThanOrEqual(60_000)
        const value = (await client.type(key)) === 'string' ? await client.get(key) : ''
        for (const told of ['203.0.113.7', 'apiKey:7', 'zoe@example.com', SECRET]) {
          expect(`${key} ${value}`).not.toContain(told)
        }
      }
    })
  })
})

describe('a Redis that fails', () => {
  test.each(['kill', 'freeze'] as const)(
    'by %s is given up at once, and used again within 5 s of its return',
    {
      timeout: 60_000,
    },
    async (fault) => {
      const failing = await startRedis()
      onTestFinished(() => failing.kill())
      const db = await migratedDatabase(sqlite)
      onTestFinished(() => db.destroy())
      const log: string[] = []
      const write = (_: unknown, message?: string) => log.push(message ?? String(_))
      const options = { url: failing.url, db, secret: SECRET, log: { warn: write, info: write } }
      const [one, other] = [redisState(options), redisState(options)]
      onTestFinished(async () => {
        await one.close()
        await other.close()
      })
      const [here, there] = [one.counter('calls'), other.counter('calls')]
      /** Whether a count of one server is seen by the other. */
      const isShared = async () => {
        const key = randomUUID()
        await here.add(key)
        return (await there.add(key)).count === 2
      }
      await vi.waitFor(async () => expect(await isShared()).toBe(true), { timeout: 5_000 })
      expect(log).toEqual([])

      const key = randomUUID()
      for (let count = 1; count <= 3; count += 1) await here.add(key)
      if (fault === 'kill') await failing.kill()
      else failing.freeze()
      const start = performance.now()
      const counts = await Promise.all(Array.from({ length: 100 }, () => here.add(key)))
      expect(performance.now() - start).toBeLessThan(1_000)
      expect(counts.map(({ count }) => count)).toEqual(Array.from({ length: 100 }, (_, at) => at + 4))
      const again = performance.now()
      for (let calls = 0; calls < 100; calls += 1) await here.add(key)
      expect(performance.now() - again).toBeLessThan(100)
      expect((await one.page('page', async () => 'read')).value).toBe('read')
      await vi.waitFor(() => expect(log.filter((line) => line.startsWith('Redis is gone'))).toHaveLength(2), {
        timeout: 5_000,
      })

      if (fault === 'kill') await failing.start()
      else failing.thaw()
      const back = performance.now()
      await vi.waitFor(async () => expect(await isShared()).toBe(true), { timeout: 5_000, interval: 20 })
      expect(performance.now() - back).toBeLessThan(5_000)
      await vi.waitFor(() => expect(log.filter((line) => line === 'Redis is back')).toHaveLength(2), { timeout: 5_000 })
      expect(log).toHaveLength(4)
    },
  )
})
