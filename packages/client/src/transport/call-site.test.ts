import { describe, expect, onTestFinished, test } from 'vitest'
import * as client from '../index.js'
import { clientOver, failureOf, refusal, serverInMemory } from '../testing/client-over.js'
import { answerJson } from '../testing/stand-in-network.js'

const usage = { model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.5' }

const nowhere = { url: 'http://mgx.test', apiKey: 'k' }

/** Clients whose calls all fail, each in a different way. */
const failures: { name: string; mgx: () => client.MgxClient | Promise<client.MgxClient>; error: string }[] = [
  {
    name: 'an error from the server',
    mgx: async () => client.createMgxClient(await serverInMemory()),
    error: 'NotFoundError',
  },
  {
    name: 'no server',
    mgx: () => client.createMgxClient({ url: 'http://127.0.0.1:1', apiKey: 'k', maxRetries: 1 }),
    error: 'ConnectionError',
  },
  {
    name: 'no response in time',
    mgx: () => client.createMgxClient({ ...nowhere, fetch: () => new Promise(() => undefined), timeoutMs: 5 }),
    error: 'TimeoutError',
  },
  {
    name: 'a response from another site',
    mgx: () => client.createMgxClient({ ...nowhere, fetch: async () => new Response('<h1>') }),
    error: 'UnexpectedAnswerError',
  },
  {
    name: 'a response from another site, without batching',
    mgx: () => client.createMgxClient({ ...nowhere, batch: false, fetch: async () => new Response('') }),
    error: 'UnexpectedAnswerError',
  },
]

/** Expects the stack to lead to a function of that name in this file, without frames of the transport. */
function expectCaller(error: unknown, name: string): void {
  expect(error).toBeInstanceOf(client.MgxError)
  const [headline, ...frames] = String((error as Error).stack).split('\n')
  expect(headline).toBe(String(error))
  expect(frames.join()).not.toMatch(/src\/(call|request|retry|stream|connection)\.ts/)
  expect(frames.find((frame) => frame.includes(name))).toContain('call-site.test.ts')
}

describe.each(failures)('the stack of $name', ({ mgx: open, error: name }) => {
  test('leads to the calling line', async () => {
    const mgx = await open()
    async function theCaller() {
      await mgx.costs.record({ ...usage, projectId: 9 })
    }
    const error = await failureOf(theCaller())
    expect((error as Error).name).toBe(name)
    expect(String(error)).toContain('Error: costs.record: ')
    expectCaller(error, 'theCaller')
  })

  test('does so for each of several calls, however they are awaited', async () => {
    const mgx = await open()
    async function first() {
      return mgx.projects.get({ id: 9 })
    }
    function second() {
      return mgx.users.get({ id: 9 }).then(String)
    }
    const third = () => Promise.race([mgx.projects.get({ id: 8 }), new Promise(() => undefined)])
    const fourth = () => new Promise((resolve, reject) => void mgx.users.get({ id: 8 }).then(resolve, reject))
    const fifth = () => mgx.users.get({ id: 7 }).withResponse()
    const settled = await Promise.allSettled([first(), second(), third(), fourth(), fifth()])
    const reasons = settled.map((one) => (one.status === 'rejected' ? one.reason : undefined))
    for (const [index, caller] of ['first', 'second', 'third', 'fourth', 'fifth'].entries()) {
      expectCaller(reasons[index], caller)
    }
  })

  test('does so for pages and streams', async () => {
    const mgx = await open()
    async function paging() {
      for await (const row of mgx.costs.list({ projectId: 9 })) expect.fail(String(row))
    }
    async function watching() {
      for await (const event of mgx.costs.watch({ projectId: 9 })) expect.fail(String(event))
    }
    expectCaller(await failureOf(paging()), 'paging')
    // A stream waits at least a minute for a response, too long for this test.
    if (name !== 'TimeoutError') expectCaller(await failureOf(watching()), 'watching')
  })

  test('does so for guarded calls and runs', async () => {
    const mgx = await open()
    async function guarding() {
      await mgx.budgets.guard({ projectId: 9, estimate: '1' }, () => usage)
    }
    async function running() {
      await client.runProject(mgx, { idea: 'i', userId: 9 }, () => undefined)
    }
    expectCaller(await failureOf(guarding()), 'guarding')
    expectCaller(await failureOf(running()), 'running')
  })
})

describe('the stack leads to the caller', () => {
  async function started() {
    const server = await serverInMemory()
    const mgx = client.createMgxClient({ ...server, maxRetries: 0 })
    const { id: projectId } = await mgx.projects.create({ name: 'n', idea: 'i', investment: '1' })
    return { server, mgx, projectId }
  }

  test('of the second page', async () => {
    const { server, mgx, projectId } = await started()
    for (const totalCost of ['0.1', '0.2']) await mgx.costs.record({ ...usage, projectId, totalCost })
    async function paging() {
      for await (const _ of mgx.costs.list({ projectId, limit: 1 })) server.failNext('internal')
    }
    expectCaller(await failureOf(paging()), 'paging')
  })

  test('of a stream that is rejected later', async () => {
    const { server, mgx, projectId } = await started()
    const key = await mgx.apiKeys.create({ name: 'k' })
    const watched = client.createMgxClient({ ...server, apiKey: key.key })
    await mgx.costs.record({ ...usage, projectId })
    async function watching() {
      for await (const { record } of watched.costs.watch({ projectId, lastEventId: 0 })) {
        await mgx.apiKeys.revoke({ id: key.apiKey.id })
        await mgx.costs.record({ ...usage, projectId: record.projectId })
      }
    }
    const error = await failureOf(watching())
    expect(error).toBeInstanceOf(client.UnauthenticatedError)
    expectCaller(error, 'watching')
  })

  test.each([
    ['in the work', (hold: client.Hold) => hold.settle(usage)],
    ['after it', () => usage],
  ])('of a cost that cannot be settled, %s', async (_, work) => {
    const { server, mgx, projectId } = await started()
    async function guarding() {
      await mgx.budgets.guard({ projectId, estimate: '0.1' }, async (hold) => {
        server.failNext('internal')
        return work(hold)
      })
    }
    const error = (await failureOf(guarding())) as Error
    expect(error).toMatchObject({ name: 'InternalError', details: { reservationId: expect.any(Number) } })
    expect(error.stack).toMatch(/guarding.*call-site\.test\.ts/)
  })

  test('of a run that exceeded its budget, with an unchanged message', async () => {
    const { mgx } = await started()
    async function working(run: client.ProjectRun) {
      await run.costs.update({ ...usage, totalCost: '2' })
    }
    const error = await failureOf(client.runProject(mgx, { idea: 'i', investment: '1' }, working))
    expect(String(error)).toBe('BudgetExceededError: Budget exceeded: $2 > $1')
    expect((error as Error).stack).toMatch(/working.*call-site\.test\.ts/)
  })

  test('after retries', async () => {
    const { mgx, seen } = await clientOver((_, response) => answerJson(response, refusal('unavailable', 503), 503))
    async function theCaller() {
      await mgx.projects.get({ id: 1 })
    }
    expectCaller(await failureOf(theCaller()), 'theCaller')
    expect(seen).toHaveLength(3)
  })

  test('or is left unchanged without captureStackTrace, or with a custom prepareStackTrace', async () => {
    const mgx = client.createMgxClient({ url: 'http://127.0.0.1:1', apiKey: 'k', maxRetries: 0 })
    const { captureStackTrace, prepareStackTrace } = Error
    onTestFinished(() => void Object.assign(Error, { captureStackTrace, prepareStackTrace }))
    Error.prepareStackTrace = (_, sites) => sites
    expect(await failureOf(mgx.users.me())).toBeInstanceOf(client.ConnectionError)
    Object.assign(Error, { captureStackTrace: undefined, prepareStackTrace })
    expect(await failureOf(mgx.users.me())).toBeInstanceOf(client.ConnectionError)
  })
})
