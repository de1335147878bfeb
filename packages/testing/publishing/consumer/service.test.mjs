import { createMgxClient, UnavailableError } from '@mgx/client'
import { createTestServer } from '@mgx/testing'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

beforeEach(() => vi.useFakeTimers({ now: new Date('2030-01-01T00:00:00Z') }))
afterEach(() => vi.useRealTimers())

async function start() {
  const server = await createTestServer()
  onTestFinished(() => server.close())
  const mgx = createMgxClient(server)
  const { id: projectId } = await mgx.projects.create({ name: 'Snake', idea: 'A snake game', investment: '1' })
  return { server, mgx, projectId }
}

test('a hold expires when the fake clock or the server’s clock advances', async () => {
  const { server, mgx, projectId } = await start()
  expect((await mgx.projects.get({ id: projectId })).createdAt).toBe('2030-01-01T00:00:00.000Z')
  await mgx.budgets.reserve({ projectId, amount: '1', ttlSeconds: 60 })
  vi.advanceTimersByTime(60_000)
  expect((await mgx.budgets.get({ projectId })).remaining).toBe('1')
  await mgx.budgets.reserve({ projectId, amount: '1', ttlSeconds: 60 })
  server.advance(60)
  expect((await mgx.budgets.get({ projectId })).remaining).toBe('1')
})

test('a call whose response is lost is retried and counts once', async () => {
  const { server, mgx, projectId } = await start()
  server.failNext('reply_lost', { procedure: 'costs.record' })
  const recording = mgx.costs.record({ projectId, model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500 })
  // The client waits before it retries.
  await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0))
  await vi.advanceTimersByTimeAsync(10_000)
  expect((await recording).record.totalCost).toBe('0.025')
  expect(await mgx.costs.total({ projectId })).toMatchObject({ records: 1, totalCost: '0.025' })
})

test('two servers side by side', async () => {
  const [one, other] = [await start(), await start()]
  one.server.failNext('unavailable')
  const refused = createMgxClient({ ...one.server, maxRetries: 0 }).users.me()
  await expect(refused).rejects.toBeInstanceOf(UnavailableError)
  expect((await other.mgx.users.me()).username).toBe('admin')
})
