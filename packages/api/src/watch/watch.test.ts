import { setTimeout as sleep } from 'node:timers/promises'
import { createLedger, EVERYTHING } from '@mgx/db'
import { tracked } from '@trpc/server'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createContext, type Services } from '../context.js'
import { appRouter } from '../root.js'
import { describeApi, expectRefusal } from '../testing/callers.js'
import { createOpenStreams } from './open-streams.js'
import { createWatch, type Watch } from './watch.js'

const call = {
  model: 'gpt-4-turbo',
  promptTokens: 1000,
  completionTokens: 500,
  cachedPromptTokens: 0,
  totalCost: '0.01',
}
const timing = { pollMilliseconds: 150, restMilliseconds: 20 }

/** Returns how many statements read cost records while `work` runs. */
async function readsDuring(db: Knex, work: () => Promise<unknown>): Promise<number> {
  let reads = 0
  const count = ({ sql }: { sql: string }) => {
    if (/^select .*cost_records/.test(sql)) reads += 1
  }
  db.on('query', count)
  await work()
  db.off('query', count)
  return reads
}

describeApi('a watch', (api) => {
  let watch: Watch
  let projectId: number
  beforeAll(async () => {
    watch = createWatch(api.services.db, timing)
  })
  beforeEach(async () => {
    projectId = (await api.admin.projects.create({ name: 'Snake', idea: 'A game', investment: '100' })).id
  })
  afterAll(async () => {
    await watch?.end()
    await api?.close()
  })

  const always = new AbortController().signal
  const write = async (count: number) => {
    const { results } = await api.admin.costs.recordMany({ records: Array(count).fill({ ...call, projectId }) })
    return results.flatMap((result) => (result.ok ? [result.record.id] : []))
  }
  async function take(costs: AsyncIterator<{ record: { id: number } }>, count: number): Promise<number[]> {
    const ids: number[] = []
    while (ids.length < count) {
      const { value, done } = await costs.next()
      if (done) break
      ids.push(value.record.id)
    }
    return ids
  }

  test('reads once for all watchers of a project, and stops when they are gone', async () => {
    const { db } = api.services
    const controllers = Array.from({ length: 20 }, () => new AbortController())
    const watchers = controllers.map(({ signal }) => watch.records(projectId, 0, signal))
    const taking = watchers.map((costs) => take(costs, 30))
    await sleep(1_000)
    let ids: number[] = []
    const reads = await readsDuring(db, async () => {
      ids = await write(30)
      for (const taken of taking) expect(await taken).toEqual(ids)
    })
    expect(reads).toBeLessThan(10)
    const idle = await readsDuring(db, () => sleep(600))
    expect(idle).toBeLessThan(6)

    const ending = watchers.map((costs) => costs.next())
    await sleep(50)
    for (const controller of controllers) controller.abort()
    for (const { done } of await Promise.all(ending)) expect(done).toBe(true)
    await sleep(200)
    expect(await readsDuring(db, () => sleep(500))).toBe(0)
  })

  test('is woken at once by its own process, and finds records that other processes wrote', async () => {
    const slow = createWatch(api.services.db, { ...timing, pollMilliseconds: 60_000 })
    const ledger = createLedger(api.services.db, {
      committed: ({ charges }) => slow.wake(charges.map((charge) => charge.projectId)),
    })
    const waiting = take(slow.records(projectId, 0, always), 1)
    await sleep(300)
    const begin = performance.now()
    const { record } = await ledger.record(EVERYTHING, { ...call, projectId })
    expect(await waiting).toEqual([record.id])
    expect(performance.now() - begin).toBeLessThan(1_000)
    await slow.end()

    const found = take(watch.records(projectId, record.id, always), 1)
    await sleep(100)
    const { record: theirs } = await createLedger(api.services.db).record(EVERYTHING, { ...call, projectId })
    expect(await found).toEqual([theirs.id])
  })

  test('keeps nothing for a slow watcher, which reads page by page itself', async () => {
    const slow = watch.records(projectId, 0, always)
    const first = await write(1)
    expect(await take(slow, 1)).toEqual(first)
    const quick = take(watch.records(projectId, 0, always), 1_501)
    const ids = [...(await write(1_000)), ...(await write(500))]
    expect(await quick).toEqual([...first, ...ids])
    const reads = await readsDuring(api.services.db, async () => expect(await take(slow, 1_500)).toEqual(ids))
    expect(reads).toBeGreaterThanOrEqual(14)
    await slow.return()
  })

  test('misses no record when many ledgers write at the same time', async () => {
    const ledgers = Array.from({ length: 4 }, () => createLedger(api.services.db))
    const taking = take(watch.records(projectId, 0, always), 400)
    const written = await Promise.all(
      Array.from({ length: 400 }, async (_, index) => {
        await sleep(Math.random() * 300)
        return ledgers[index % 4]?.record(EVERYTHING, { ...call, projectId })
      }),
    )
    const ids = written.map((recorded) => recorded?.record.id ?? 0).sort((a, b) => a - b)
    expect(await taking).toEqual(ids)
  })

  test('sends the budget with the record in it', async () => {
    const stream = await api.admin.costs.watch({ projectId })
    const next = stream[Symbol.asyncIterator]().next()
    await sleep(50)
    const { record, budget } = await api.admin.costs.record({ ...call, projectId })
    expect((await next).value).toEqual(tracked(String(record.id), { record, budget }))
  })

  describe('ends', () => {
    const watchAs = async (credential: string, services: Services = api.services) => {
      const context = createContext(services, {
        authorization: `Bearer ${credential}`,
        address: null,
        requestId: 'test',
      })
      const stream = await appRouter.createCaller(context).costs.watch({ projectId, lastEventId: 0 })
      return stream[Symbol.asyncIterator]()
    }

    test('when its session is closed', async () => {
      const { session, token } = await api.admin.sessions.create({ projectId })
      const ids = await write(1)
      const costs = await watchAs(token)
      expect((await costs.next()).value).toMatchObject(tracked(String(ids[0]), { record: { id: ids[0] } }))
      const refused = expectRefusal(costs.next(), 'unauthenticated')
      await api.admin.sessions.close({ id: session.id })
      await refused
    })

    test('when its key is revoked, even while that key is still remembered', async () => {
      const { apiKey, key } = await api.admin.apiKeys.create({ name: 'watcher', scopes: ['read'] })
      const refused = expectRefusal((await watchAs(key)).next(), 'unauthenticated')
      // Revoked as another process would: this process would read the key again at once.
      const revokedAt = new Date().toISOString()
      await api.services.db('api_keys').where({ id: apiKey.id }).update({ revokedAt })
      expect((await api.as(key).projects.get({ id: projectId })).id).toBe(projectId)
      await expectRefusal(watchAs(key), 'unauthenticated')
      await refused
    })

    test('without another record for a reader that returns after its key was revoked', async () => {
      await write(5)
      const { apiKey, key } = await api.admin.apiKeys.create({ name: 'slow', scopes: ['read'] })
      const costs = await watchAs(key)
      await costs.next()
      await api.admin.apiKeys.revoke({ id: apiKey.id })
      await sleep(1_000)
      await expectRefusal(costs.next(), 'unauthenticated')
    })

    test('with unavailable when the server shuts down, and no stream begins after that', async () => {
      const services = { ...api.services, streams: createOpenStreams(api.services.db) }
      const { token } = await api.admin.sessions.create({ projectId })
      const refused = expectRefusal((await watchAs(token, services)).next(), 'unavailable')
      await sleep(50)
      services.streams.end()
      await refused
      await expectRefusal(watchAs(token, services), 'unavailable')
    })
  })
})
