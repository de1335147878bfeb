import { setTimeout as sleep } from 'node:timers/promises'
import { breakingProxy } from '@mgx/db/testing'
import { startTestServer } from '@mgx/server/testing'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as client from '../index.js'
import { failureOf } from '../testing/client-over.js'
import { describeHttpServers } from '../testing/describe-servers.js'

const call = { model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500, totalCost: '0.000001' }

type Watched = client.StreamEvent<client.WatchedCost>

/** Returns the first events of a stream; calls `each` for each as it arrives. */
async function take(stream: AsyncIterable<Watched>, count: number, each?: (event: Watched) => void) {
  const events: Watched[] = []
  for await (const event of stream) {
    each?.(event)
    if (events.push(event) === count) break
  }
  return events
}

const idsOf = (events: Watched[]) => events.map(({ record }) => record.id)

describeHttpServers('watching costs of a server', (server) => {
  let mgx: client.MgxClient
  const clientOf = (address: string) => client.createMgxClient({ url: address, apiKey: server.apiKey })

  beforeAll(() => {
    mgx = clientOf(server.url)
  })

  /** Starts another server on the same database. */
  async function anotherServer() {
    const other = await startTestServer({ databaseUrl: server.databaseUrl, adminApiKey: server.apiKey })
    let closing: Promise<void> | undefined
    const close = () => {
      closing ??= other.close()
      return closing
    }
    onTestFinished(close)
    return { ...other, close }
  }
  async function proxyTo(target: string) {
    const proxy = await breakingProxy(target)
    onTestFinished(proxy.close)
    return proxy
  }
  const newProject = async (of = mgx) =>
    (await of.projects.create({ name: 'Snake', idea: 'A game', investment: '100' })).id
  const record = async (projectId: number, by = mgx) => (await by.costs.record({ ...call, projectId })).record.id
  const recordMany = async (projectId: number, count: number, by = mgx) => {
    const { results } = await by.costs.recordMany({ records: Array(count).fill({ ...call, projectId }) })
    return results.flatMap((result) => (result.ok ? [result.record.id] : []))
  }
  /** Waits for the stream to connect, which is not observable before its first event. */
  const connected = () => sleep(400)

  test('sends new records with the budget', async () => {
    const projectId = await newProject()
    await record(projectId)
    const taking = take(mgx.costs.watch({ projectId }), 2)
    await connected()
    const first = await mgx.costs.record({ ...call, projectId })
    const second = await mgx.costs.record({ ...call, projectId, actionType: 'WritePRD' })
    const events = await taking
    expect(events.map((event) => event.record)).toEqual([first.record, second.record])
    expect(events[1]).toEqual({ id: String(second.record.id), ...second })
  })

  test('sends existing records, from the first or after any of them', async () => {
    const projectId = await newProject()
    const ids = await recordMany(projectId, 250)
    expect(idsOf(await take(mgx.costs.watch({ projectId, lastEventId: 0 }), 250))).toEqual(ids)
    const [event] = await take(mgx.costs.watch({ projectId, lastEventId: String(ids[99]) }), 1)
    expect(event).toMatchObject({ id: String(ids[100]), budget: { spent: '0.00025' } })
    expect(idsOf(await take(mgx.costs.watch({ projectId, lastEventId: event?.id }), 149))).toEqual(ids.slice(101))
  })

  test('500 records arrive once and in order although connections break', async () => {
    const projectId = await newProject()
    const proxy = await proxyTo(server.url)
    const written: number[] = []
    // Also break the connection before the first record, when there is no event to resume from.
    const taking = take(clientOf(proxy.url).costs.watch({ projectId }), 500, ({ record }) => {
      if (record.id % 97 === 0) proxy.cut()
    })
    await connected()
    proxy.cut()
    for (let round = 0; round < 50; round += 1) {
      written.push(...(await recordMany(projectId, 9)), await record(projectId))
      if (round % 10 === 0) proxy.cut()
    }
    expect(idsOf(await taking)).toEqual(written)
    expect(proxy.connections).toBeGreaterThan(5)
  })

  test('every server on the database sends the records of all of them', async () => {
    const projectId = await newProject()
    const other = await anotherServer()
    const there = clientOf(other.url)
    const both = [mgx, there].map((by) => take(by.costs.watch({ projectId, lastEventId: 0 }), 200))
    await connected()
    const written = await Promise.all(
      Array.from({ length: 200 }, (_, index) => record(projectId, index % 2 === 0 ? mgx : there)),
    )
    const ascending = written.sort((a, b) => a - b)
    for (const taking of both) expect(idsOf(await taking)).toEqual(ascending)
  })

  test('resumes at another server when its own shuts down, without delaying the shutdown', async () => {
    const projectId = await newProject()
    const leaving = await anotherServer()
    const proxy = await proxyTo(leaving.url)
    const taking = take(clientOf(proxy.url).costs.watch({ projectId, lastEventId: 0 }), 3)
    await connected()
    const written = [await record(projectId)]
    await sleep(700)
    proxy.target = server.url
    const begin = performance.now()
    await leaving.close()
    expect(performance.now() - begin).toBeLessThan(2_000)
    written.push(await record(projectId), await record(projectId))
    expect(idsOf(await taking)).toEqual(written)
  })

  test('ends when cancelled, and the server stops reading for it', async () => {
    const projectId = await newProject()
    const controller = new AbortController()
    const seen: number[] = []
    const watching = (async () => {
      for await (const event of mgx.costs.watch({ projectId }, { signal: controller.signal }))
        seen.push(event.record.id)
    })()
    await connected()
    const id = await record(projectId)
    await expect.poll(() => seen).toEqual([id])
    controller.abort(new Error('enough'))
    await watching
    await sleep(600)
    let reads = 0
    const count = ({ sql }: { sql: string }) => {
      if (sql.includes('cost_records')) reads += 1
    }
    server.services.db.on('query', count)
    await sleep(1_200)
    server.services.db.off('query', count)
    expect(reads).toBe(0)
    const never = mgx.costs.watch({ projectId, lastEventId: 0 }, { signal: AbortSignal.abort() })
    expect(await take(never, 1)).toEqual([])
  })

  describe('is rejected', () => {
    const watch = (by: client.MgxClient, input: client.WatchCostsInput) => failureOf(take(by.costs.watch(input), 1))

    test('for another tenant’s, a missing, and an out-of-session project', async () => {
      const { apiKey } = await mgx.users.create({ username: 'ada', email: 'ada@example.com' })
      const ada = client.createMgxClient({ url: server.url, apiKey: apiKey ?? '' })
      const [own, second, foreign] = [await newProject(ada), await newProject(ada), await newProject()]
      const { token } = await ada.sessions.create({ projectId: own })
      const session = client.createMgxClient({ url: server.url, apiKey: token })
      for (const failure of [
        await watch(ada, { projectId: foreign }),
        await watch(ada, { projectId: 999_999 }),
        await watch(session, { projectId: second }),
      ]) {
        expect(failure).toBeInstanceOf(client.NotFoundError)
        expect(failure).toMatchObject({ path: 'costs.watch', message: 'costs.watch: project not found', status: 404 })
      }
      const id = (await ada.costs.record({ ...call, projectId: own })).record.id
      expect(idsOf(await take(session.costs.watch({ projectId: own, lastEventId: 0 }), 1))).toEqual([id])
    })

    test('for a wrong key, an invalid id, and an id that no record has yet', async () => {
      const projectId = await newProject()
      const stranger = client.createMgxClient({ url: server.url, apiKey: 'mgx_key_wrong' })
      expect(await watch(stranger, { projectId })).toBeInstanceOf(client.UnauthenticatedError)
      for (const lastEventId of ['x', -1, 1.5, '9'.repeat(16), 999_999_999]) {
        const failure = await watch(mgx, { projectId, lastEventId })
        expect(failure).toBeInstanceOf(client.InvalidInputError)
        expect(failure).toMatchObject({ fields: [{ path: 'lastEventId' }] })
      }
    })
  })
})

test('gives up a server that was never reached, as a call does', async () => {
  const proxy = await breakingProxy('http://127.0.0.1:1')
  const mgx = client.createMgxClient({ url: proxy.url, apiKey: 'mgx_key_a' })
  expect(await failureOf(take(mgx.costs.watch({ projectId: 1 }), 1))).toBeInstanceOf(client.ConnectionError)
  expect(proxy.connections).toBe(3)
  await proxy.close()
})

test.each([
  ['a page', '<h1>hello</h1>', 'text/html', client.UnexpectedAnswerError],
  [
    'an error before the stream',
    '{"error":{"code":-32603,"message":"no","data":{"reason":"rate_limited","httpStatus":429}}}',
    'application/json',
    client.RateLimitedError,
  ],
])('%s is not a stream', async (_, body, type, expected) => {
  const fetch = async () => new Response(body, { headers: { 'content-type': type } })
  const mgx = client.createMgxClient({ url: 'http://127.0.0.1', apiKey: 'mgx_key_a', fetch })
  expect(await failureOf(take(mgx.costs.watch({ projectId: 1 }), 1))).toBeInstanceOf(expected)
})
