import { afterEach, describe, expect, test, vi } from 'vitest'
import * as client from '../index.js'
import { failureOf } from '../testing/client-over.js'
import { createMemoryServer, type Failure } from './index.js'

const call = { model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' }
const newProject = async (mgx: client.MgxClient) => (await mgx.projects.create({ name: 'n', idea: 'i' })).id

function start() {
  const server = createMemoryServer()
  return { server, mgx: client.createMgxClient(server) }
}

test('two servers know nothing of each other', async () => {
  const [one, other] = [start(), start()]
  const id = await newProject(one.mgx)
  expect(await failureOf(other.mgx.projects.get({ id }))).toBeInstanceOf(client.NotFoundError)
  expect(await newProject(other.mgx)).toBe(id)
})

test('a caller who was given a key calls with it, until it is revoked', async () => {
  const { server, mgx } = start()
  const { user, apiKey } = await mgx.users.create({ username: 'ada', email: 'ada@example.com' })
  const ada = client.createMgxClient({ ...server, apiKey: apiKey ?? '' })
  expect(await ada.users.me()).toEqual(user)
  const { items } = await mgx.apiKeys.list({ userId: user.id })
  await mgx.apiKeys.revoke({ id: items[0]?.id ?? 0 })
  expect(await failureOf(ada.users.me())).toBeInstanceOf(client.UnauthenticatedError)
})

test('what it does not do, it says, once and at once', async () => {
  const { server, mgx } = start()
  const paths: string[] = []
  const { fetch } = server
  const watched = client.createMgxClient({
    ...server,
    onRequest: (request) => void paths.push(...request.paths),
    fetch,
  })
  const projectId = await newProject(mgx)
  const response = { model: 'gpt-4o', usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }
  const failure = await failureOf(watched.costs.recordUsage({ projectId, provider: 'openai', response }))
  expect(failure).toBeInstanceOf(client.MgxError)
  expect(failure).toMatchObject({ reason: 'not_in_memory', status: 501, path: 'costs.recordUsage' })
  expect((failure as Error).message).toBe('costs.recordUsage: needs a real server: the one in memory does not do it')
  expect(paths).toEqual(['costs.recordUsage'])
})

test('every procedure of the contract is answered, but for those it says so of', async () => {
  const { procedures } = await import('../generated/procedures.js')
  const { procedureAt } = await import('./procedures/index.js')
  const missing = Object.keys(procedures).filter((path) => !procedureAt(path))
  expect(missing).toEqual(['system.health', 'costs.recordUsage', 'costs.watch'])
  expect(await start().mgx.system.health()).toEqual({ status: 'ok', version: 'in memory', dialect: 'sqlite' })
})

describe('its clock', () => {
  afterEach(() => vi.useRealTimers())

  test('is moved on, and holds and sessions expire', async () => {
    const { server, mgx } = start()
    const projectId = await newProject(mgx)
    const { reservation } = await mgx.budgets.reserve({ projectId, amount: '3', ttlSeconds: 60 })
    const { token } = await mgx.sessions.create({ ttlSeconds: 61 })
    server.advance(60)
    expect(await mgx.budgets.get({ projectId })).toMatchObject({ reserved: '0', remaining: '3' })
    expect(await mgx.budgets.settle({ ...call, reservationId: reservation.id })).toMatchObject({
      late: true,
      reservation: { status: 'expired' },
    })
    const session = client.createMgxClient({ ...server, apiKey: token })
    expect((await session.users.me()).username).toBe('admin')
    server.advance(1)
    expect(await failureOf(session.users.me())).toBeInstanceOf(client.UnauthenticatedError)
  })

  test('is the one it is given, or the one of a test framework', async () => {
    const now = () => Date.parse('2020-02-29T12:00:00Z')
    const mgx = client.createMgxClient(createMemoryServer({ now }))
    const { createdAt } = await mgx.projects.create({ name: 'n', idea: 'i' })
    expect(createdAt).toBe('2020-02-29T12:00:00.000Z')
    const { mgx: other } = start()
    vi.useFakeTimers({ now: now() })
    const { id: projectId, createdAt: faked } = await other.projects.create({ name: 'n', idea: 'i' })
    expect(faked).toBe(createdAt)
    await other.budgets.reserve({ projectId, amount: '3', ttlSeconds: 60 })
    vi.advanceTimersByTime(60_000)
    expect((await other.budgets.get({ projectId })).reserved).toBe('0')
  })
})

describe('a failure that is asked for', () => {
  test('meets the next call only, which the client tries again where that is safe', async () => {
    const { server, mgx } = start()
    const projectId = await newProject(mgx)
    server.failNext('unavailable')
    expect((await mgx.projects.get({ id: projectId })).id).toBe(projectId)
    server.failNext('unavailable')
    const failure = await failureOf(mgx.projects.updateStatus({ id: projectId, status: 'running' }))
    expect(failure).toBeInstanceOf(client.UnavailableError)
    expect((await mgx.projects.get({ id: projectId })).status).toBe('pending')
  })

  test('that cannot be is refused at once, as is a clock that goes back', () => {
    const { server } = start()
    expect(() => server.failNext('no_such_reason' as Failure)).toThrow(
      new TypeError('there is no failure no_such_reason'),
    )
    expect(() => server.failNext('internal', { procedure: 'costs.recrod' })).toThrow(
      'there is no procedure costs.recrod',
    )
    for (const times of [0, 1.5]) expect(() => server.failNext('internal', { times })).toThrow(TypeError)
    for (const seconds of [-1, Number.NaN]) expect(() => server.advance(seconds)).toThrow(TypeError)
  })

  test('meets a procedure as often as it is told', async () => {
    const { server, mgx } = start()
    const projectId = await newProject(mgx)
    server.failNext('unavailable', { procedure: 'budgets.reserve', times: 3 })
    await mgx.costs.record({ ...call, projectId })
    const reserve = () => mgx.budgets.reserve({ projectId, amount: '1' })
    expect(await failureOf(reserve())).toBeInstanceOf(client.UnavailableError)
    expect((await reserve()).budget.reserved).toBe('1')
  })

  test.each<[Failure, string]>([
    ['connection_lost', '0'],
    ['reply_lost', '0.1'],
  ])('%s: the server has then done work for %s USD', async (failure, spent) => {
    const { server, mgx } = start()
    const projectId = await newProject(mgx)
    server.failNext(failure)
    const options = { maxRetries: 0 }
    expect(await failureOf(mgx.costs.record({ ...call, projectId }, options))).toBeInstanceOf(client.ConnectionError)
    expect((await mgx.costs.total({ projectId })).totalCost).toBe(spent)
  })

  test('a reply that is lost is asked for again, and counts once', async () => {
    const { server, mgx } = start()
    const projectId = await newProject(mgx)
    server.failNext('reply_lost', { procedure: 'budgets.settle' })
    await mgx.budgets.guard({ projectId, estimate: '1' }, () => call)
    expect(await mgx.costs.total({ projectId })).toMatchObject({ records: 1, totalCost: '0.1' })
  })

  test.each<Failure>(['connection_lost', 'reply_lost', 'unavailable'])(
    'a stream that meets %s goes on, and misses nothing',
    async (failure) => {
      const { server, mgx } = start()
      const projectId = await newProject(mgx)
      await mgx.costs.record({ ...call, projectId })
      server.failNext(failure, { procedure: 'costs.watch' })
      for await (const { record } of mgx.costs.watch({ projectId, lastEventId: 0 })) {
        expect(record.totalCost).toBe('0.1')
        break
      }
    },
  )
})

test('a stream ends when its caller gives it up, or is not allowed any more', async () => {
  const { server, mgx } = start()
  const projectId = await newProject(mgx)
  const controller = new AbortController()
  const watching = (async () => {
    for await (const _ of mgx.costs.watch({ projectId }, { signal: controller.signal })) throw new Error('no record')
  })()
  setTimeout(() => controller.abort(), 20)
  await watching
  const { token } = await mgx.sessions.create({ projectId })
  const page = client.createMgxClient({ ...server, apiKey: token })
  const refused = failureOf(
    (async () => {
      for await (const _ of page.costs.watch({ projectId })) throw new Error('no record')
    })(),
  )
  setTimeout(() => server.advance(86_400), 20)
  expect(await refused).toBeInstanceOf(client.UnauthenticatedError)
})
