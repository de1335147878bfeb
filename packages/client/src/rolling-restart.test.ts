import { once } from 'node:events'
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { emptyFolder, type ServerProcess, startServer } from '@mgx/server/testing'
import { expect, onTestFinished, test } from 'vitest'
import { clientCredentials, createMgxClient, type MgxClient, type StreamEvent, type WatchedCost } from './index.js'
import { roundRobin } from './testing/round-robin.js'

const API_KEY = 'the-key-of-every-server-in-this-test'
const MGX_SECRET = 'the-secret-of-every-server-in-this-test'
const PROJECTS = 2
const WATCHERS = 3
const CALLERS = 4
const usage = { model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.001' }

/** What was acknowledged. */
type Acknowledged = { records: Map<number, number[]>; sessions: number; settled: number[] }

test('a rolling restart behind a balancer fails no call, loses and doubles nothing, and moves streams on without a gap', {
  timeout: 120_000,
}, async () => {
  const databaseUrl = (await testDatabases.find(({ name }) => name === 'postgres')?.migratedUrl()) ?? ''
  const balancer = await roundRobin()
  onTestFinished(balancer.close)
  /** Each in a folder of its own: they share the database and what is given here. */
  const start = async (): Promise<ServerProcess> => {
    const server = await startServer(emptyFolder(), {
      DATABASE_URL: databaseUrl,
      MGX_SECRET,
      MGX_PUBLIC_URL: balancer.url,
      MGX_ADMIN_API_KEY: API_KEY,
      MGX_SEED: 'false',
      MGX_DRAIN_SECONDS: '2',
    })
    balancer.add(server.url)
    await balancer.inRotation(server.url)
    return server
  }
  const servers = [await start(), ...(await Promise.all([start(), start()]))]

  const mgx = createMgxClient({ url: balancer.url, apiKey: API_KEY })
  const { apiKey, key } = await mgx.apiKeys.create({ name: 'tokens' })
  const source = clientCredentials({ url: balancer.url, clientId: apiKey.id, clientSecret: key })
  const withToken = createMgxClient({ url: balancer.url, apiKey: source, batch: false })

  const projects: number[] = []
  for (let number = 0; number < PROJECTS; number += 1) {
    projects.push((await mgx.projects.create({ name: `p${number}`, idea: 'i', investment: '1000' })).id)
  }
  const acknowledged: Acknowledged = {
    records: new Map(projects.map((id) => [id, []])),
    sessions: 0,
    settled: [],
  }
  const failures: string[] = []
  let isLoaded = true

  /** Makes every kind of call in turn. Those with a key are repeated by the client, `unsafe` ones are not. */
  async function caller(by: MgxClient, number: number): Promise<void> {
    const projectId = projects[number % PROJECTS] as number
    const records = acknowledged.records.get(projectId) as number[]
    const calls: [name: string, make: () => Promise<unknown>][] = [
      ['costs.record', async () => records.push((await by.costs.record({ ...usage, projectId })).record.id)],
      [
        'budgets',
        async () => {
          const held = await by.budgets.reserve({ projectId, amount: '0.01' })
          const settled = await by.budgets.settle({ reservationId: held.reservation.id, ...usage })
          records.push(settled.record.id)
          acknowledged.settled.push(held.reservation.id)
        },
      ],
      [
        'costs.recordMany',
        async () => {
          const { results } = await by.costs.recordMany({ records: Array(3).fill({ ...usage, projectId }) })
          for (const result of results) records.push(result.ok ? result.record.id : Number.NaN)
        },
      ],
      ['a batch', () => Promise.all([by.users.me(), by.budgets.get({ projectId }), by.costs.total({ projectId })])],
      ['a report', () => by.reports.spend({ groupBy: ['model'], projectId })],
      ['unsafe projects.update', () => by.projects.update({ id: projectId, name: `p${number}` })],
      [
        'unsafe sessions.create',
        async () => {
          await mgx.sessions.create({})
          acknowledged.sessions += 1
        },
      ],
    ]
    for (let turn = number; isLoaded; turn += 1) {
      const [name, make] = calls[turn % calls.length] as (typeof calls)[number]
      await make().catch((error: unknown) => failures.push(`${name}: ${error}`))
      await sleep(Math.random() * 20)
    }
  }

  /** Opens a connection for every call, so that one reaches a server right after its signal. */
  async function newcomer(): Promise<void> {
    while (isLoaded) {
      const answer = once(get(`${balancer.url}/trpc/system.health`, { agent: false }), 'response')
      await answer
        .then(([response]) => response.resume())
        .catch((error: unknown) => failures.push(`newcomer: ${error}`))
      await sleep(20)
    }
  }

  const watched = Array.from({ length: WATCHERS }, (_, number) => ({
    projectId: projects[number % PROJECTS] as number,
    ids: [] as number[],
  }))
  const enough = new AbortController()
  async function watcher({ projectId, ids }: { projectId: number; ids: number[] }): Promise<void> {
    const stream: AsyncIterable<StreamEvent<WatchedCost>> = mgx.costs.watch(
      { projectId, lastEventId: 0 },
      { signal: enough.signal },
    )
    for await (const { record } of stream) ids.push(record.id)
  }
  const watching = watched.map((each) => watcher(each).catch((error: unknown) => failures.push(`watch: ${error}`)))
  const newcomers = newcomer()
  const callers = Array.from({ length: CALLERS }, (_, number) => caller(number % 2 === 0 ? mgx : withToken, number))

  // One server after another is replaced, the new one first, as orchestrators do.
  const codes: (number | null)[] = []
  for (const old of servers) {
    await start()
    old.signal('SIGTERM')
    codes.push((await old.exited).code)
  }
  isLoaded = false
  await Promise.all([...callers, newcomers])
  expect({ failures, codes, refused: balancer.refused() }).toEqual({ failures: [], codes: [0, 0, 0], refused: 0 })

  const db = await openDatabase(databaseUrl)
  onTestFinished(() => db.destroy())
  for (const [projectId, ids] of acknowledged.records) {
    const written: number[] = await db('cost_records').where({ projectId }).orderBy('id').pluck('id')
    expect(ids.toSorted((a, b) => a - b)).toEqual(written)
    const theirs = watched.filter((each) => each.projectId === projectId)
    for (const { ids: seen } of theirs) await expect.poll(() => seen, { timeout: 10_000 }).toEqual(written)
  }
  enough.abort()
  await Promise.all(watching)
  expect(await db('sessions').count('* as count').first()).toMatchObject({ count: acknowledged.sessions })
  const settled = await db('reservations').where({ status: 'settled' }).orderBy('id').pluck('id')
  expect(acknowledged.settled.toSorted((a, b) => a - b)).toEqual(settled)
  expect(await db('reservations').whereNot({ status: 'settled' })).toEqual([])
  expect(await mgx.system.verify()).toMatchObject({ ok: true })
  // Every server took part, the new ones too.
  expect([...balancer.connections().values()].filter((connections) => connections > 0)).toHaveLength(6)
})
