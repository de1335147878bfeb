import { describe, expect, test } from 'vitest'
import * as client from './index.js'
import { failureOf, serverInMemory } from './testing/client-over.js'

const call = { model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' }

async function start() {
  const server = await serverInMemory()
  const mgx = client.createMgxClient(server)
  const { id: projectId } = await mgx.projects.create({ name: 'n', idea: 'i' })
  return { server, mgx, projectId }
}

describe('a planned failure of a server in memory', () => {
  test('affects only the next call, which the client retries if that is safe', async () => {
    const { server, mgx, projectId } = await start()
    server.failNext('unavailable')
    expect((await mgx.projects.get({ id: projectId })).id).toBe(projectId)
    server.failNext('unavailable')
    const failure = await failureOf(mgx.projects.updateStatus({ id: projectId, status: 'running' }))
    expect(failure).toBeInstanceOf(client.UnavailableError)
    expect((await mgx.projects.get({ id: projectId })).status).toBe('pending')
  })

  test('that loses the response makes the client retry, and the call counts once', async () => {
    const { server, mgx, projectId } = await start()
    server.failNext('reply_lost', { procedure: 'budgets.settle' })
    await mgx.budgets.guard({ projectId, estimate: '1' }, () => call)
    expect(await mgx.costs.total({ projectId })).toMatchObject({ records: 1, totalCost: '0.1' })
  })

  test.each(['connection_lost', 'reply_lost', 'unavailable'] as const)(
    'a stream hit by %s resumes without losing events',
    async (failure) => {
      const { server, mgx, projectId } = await start()
      await mgx.costs.record({ ...call, projectId })
      server.failNext(failure, { procedure: 'costs.watch' })
      for await (const { record } of mgx.costs.watch({ projectId, lastEventId: 0 })) {
        expect(record.totalCost).toBe('0.1')
        break
      }
    },
  )
})

test('a stream from a server in memory ends when it is cancelled or its session expires', async () => {
  const { server, mgx, projectId } = await start()
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
