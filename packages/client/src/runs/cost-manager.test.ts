import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  BudgetExceededError,
  CostManager,
  createMgxClient,
  InvalidInputError,
  type MgxClient,
  UnknownModelError,
} from '../index.js'
import { failureOf } from '../testing/client-over.js'
import { countedCalls } from '../testing/counted-calls.js'
import { describeServers } from '../testing/describe-servers.js'

const call = { model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500 }

describeServers('a cost manager and a server', (server) => {
  let mgx: MgxClient

  beforeAll(async () => {
    mgx = createMgxClient(server)
  })

  const newProject = async (investment: string) => (await mgx.projects.create({ name: 'a', idea: 'b', investment })).id

  test('records concurrent calls and totals them exactly', async () => {
    const projectId = await newProject('1000')
    const costs = new CostManager(mgx, { projectId })
    await Promise.all(
      Array.from({ length: 64 }, () => costs.update({ ...call, totalCost: 0.1, actionType: 'WritePRD' })),
    )
    expect(costs).toMatchObject({ totalCost: '6.4', promptTokens: 64_000, completionTokens: 32_000, records: 64 })
    expect(await mgx.costs.total({ projectId })).toMatchObject({ totalCost: '6.4', records: 64 })
    expect((await mgx.costs.list({ projectId, limit: 1 })).items[0]).toMatchObject({
      actionType: 'WritePRD',
      priceSource: 'caller',
    })
  })

  test('uses the server’s price without totalCost', async () => {
    const costs = new CostManager(mgx, { projectId: await newProject('3') })
    const { record } = await costs.update(call)
    expect(record.priceSource).toBe('catalogue')
    expect(costs.totalCost).toBe(record.totalCost)
    await expect(costs.update({ ...call, model: 'no-such-model' })).rejects.toBeInstanceOf(UnknownModelError)
    expect(costs.records).toBe(1)
  })

  test('reads the model and the tokens from the response of a provider', async () => {
    const projectId = await newProject('3')
    const costs = new CostManager(mgx, { projectId, maxBudget: '0.03' })
    const response = {
      model: 'gpt-4-turbo',
      usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
    }
    const chat = { provider: 'openai', response, actionType: 'WritePRD' } as const
    const { record } = await costs.update({ ...chat, idempotencyKey: 'chat-1' })
    await costs.update({ ...chat, idempotencyKey: 'chat-1' })
    expect(record).toMatchObject({ model: 'gpt-4-turbo', totalCost: '0.025', actionType: 'WritePRD' })
    expect(costs).toMatchObject({ totalCost: '0.025', promptTokens: 1000, completionTokens: 500, records: 1 })
    expect(await failureOf(costs.update(chat))).toBeInstanceOf(BudgetExceededError)
    expect(costs).toMatchObject({ totalCost: '0.05', records: 2 })
    expect(await failureOf(costs.update({ ...chat, provider: 'someone' as 'openai' }))).toBeInstanceOf(
      InvalidInputError,
    )
  })

  test('throws when the total exceeds maxBudget, after recording', async () => {
    const projectId = await newProject('3')
    const costs = new CostManager(mgx, { projectId, maxBudget: 0.05 })
    await costs.update({ ...call, totalCost: '0.025' })
    await costs.update({ ...call, totalCost: '0.025' })
    const failure = await costs.update({ ...call, totalCost: '0.000000001' }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(BudgetExceededError)
    expect(failure).toMatchObject({
      message: 'Budget exceeded: $0.050000001 > $0.05',
      limit: '0.05',
      spent: '0.050000001',
      shortage: 'spent',
      requested: undefined,
    })
    expect(await mgx.costs.total({ projectId })).toMatchObject({ records: 3, totalCost: '0.050000001' })
    expect(costs.totalCost).toBe('0.050000001')
  })

  test('throws when the project exceeds its investment, also through other callers', async () => {
    const projectId = await newProject('0.05')
    await mgx.costs.record({ ...call, projectId, totalCost: '0.04' })
    const costs = new CostManager(mgx, { projectId, maxBudget: '1' })
    await expect(costs.update({ ...call, totalCost: '0.02' })).rejects.toThrow('Budget exceeded: $0.06 > $0.05')
    expect(costs.totalCost).toBe('0.02')
  })

  test('counts a repeated idempotency key only once', async () => {
    const costs = new CostManager(mgx, { projectId: await newProject('3') })
    const once = { ...call, totalCost: '0.1', idempotencyKey: 'once' }
    await Promise.all([costs.update(once), costs.update(once)])
    expect(costs).toMatchObject({ totalCost: '0.1', records: 1, promptTokens: 1000 })
  })

  describe('guard', () => {
    const cost = { ...call, totalCost: '0.025' }

    test('adds the cost to the totals', async () => {
      const costs = new CostManager(mgx, { projectId: await newProject('1') })
      const { result } = await costs.guard('0.1', async () => ({ ...cost, result: 'the answer' }))
      expect(result).toBe('the answer')
      await costs.guard(0.1, async (hold) => ({ ...(await hold.settle(cost)) }))
      await costs.guard({ estimate: 0.1, ttlSeconds: 60 }, (hold) => hold.release())
      expect(costs).toMatchObject({ totalCost: '0.05', promptTokens: 2_000, completionTokens: 1_000, records: 2 })
    })

    test('adds the cost even when the work throws after settling', async () => {
      const costs = new CostManager(mgx, { projectId: await newProject('1') })
      const thrown = new Error('disk full')
      const guarding = costs.guard('0.1', async (hold) => {
        await hold.settle(cost)
        throw thrown
      })
      expect(await failureOf(guarding)).toBe(thrown)
      expect(costs).toMatchObject({ totalCost: '0.025', records: 1 })
    })

    test('runs only if the estimate fits in maxBudget beside the calls in progress', async () => {
      const projectId = await newProject('100')
      const costs = new CostManager(mgx, { projectId, maxBudget: '0.5' })
      await costs.update(cost)
      let calls = 0
      const guarding = Array.from({ length: 50 }, () =>
        costs.guard('0.025', async () => {
          calls += 1
          return cost
        }),
      )
      const outcomes = await Promise.allSettled(guarding)
      const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
      for (const reason of reasons) expect(reason).toBeInstanceOf(BudgetExceededError)
      expect(reasons[0]).toMatchObject({ limit: '0.5', requested: '0.025' })
      expect(calls).toBe(50 - reasons.length)
      expect(calls).toBeLessThanOrEqual(19)
      while (costs.totalCost !== '0.5') await costs.guard('0.025', () => cost)
      const failure = await failureOf(costs.guard('0.000000001', () => cost))
      expect(failure).toMatchObject({
        message: 'Budget exceeded: $0.500000001 > $0.5',
        spent: '0.5',
        reserved: '0',
        remaining: '0',
        requested: '0.000000001',
        shortage: 'spent',
      })
      expect(await mgx.budgets.get({ projectId })).toMatchObject({ spent: '0.5', reserved: '0' })
    })

    test('says that maxBudget is held by other calls, for an amount and for a model', async () => {
      const projectId = await newProject('100')
      const costs = new CostManager(mgx, { projectId, maxBudget: '0.5' })
      await costs.update(cost)
      const model = { model: 'gpt-4-turbo', maxPromptTokens: 10_000, maxCompletionTokens: 5_000 }
      await costs.guard(0.3, async () => {
        for (const estimate of ['0.25', model]) {
          const refused = await failureOf(costs.guard({ estimate }, () => expect.fail('there is no room')))
          expect(refused).toBeInstanceOf(BudgetExceededError)
          expect(refused).toMatchObject({
            message: 'Budget exceeded: $0.575 > $0.5',
            shortage: 'held',
            spent: '0.025',
            reserved: '0.3',
            remaining: '0.175',
            requested: '0.25',
          })
        }
        return cost
      })
      expect(await mgx.budgets.get({ projectId })).toMatchObject({ spent: '0.05', reserved: '0' })
    })
  })

  describe('a wait', () => {
    const calls = (count: number, run: (index: number) => Promise<unknown>) =>
      Promise.all(Array.from({ length: count }, (_, index) => run(index)))

    test('lets calls run in order as others free maxBudget, without needless requests', async () => {
      const { mgx: counted, timesOf } = countedCalls(server)
      const projectId = await newProject('100')
      const costs = new CostManager(counted, { projectId, maxBudget: '0.1' })
      const started: number[] = []
      let [running, most] = [0, 0]
      await calls(9, (index) =>
        costs.guard({ estimate: '0.03', wait: 30_000 }, async () => {
          started.push(index)
          running += 1
          most = Math.max(most, running)
          await sleep(400)
          running -= 1
          return { ...call, totalCost: '0.001' }
        }),
      )
      expect(started).toEqual(started.toSorted((a, b) => a - b))
      expect(most).toBe(3)
      expect(costs).toMatchObject({ totalCost: '0.009', records: 9 })
      expect(timesOf('budgets.reserve')).toHaveLength(9)
    })

    test('is for maxBudget and the project together, and ends with the error', async () => {
      const projectId = await newProject('1')
      const costs = new CostManager(mgx, { projectId, maxBudget: '0.5' })
      const estimate = { model: 'gpt-4-turbo', maxPromptTokens: 10_000, maxCompletionTokens: 5_000 }
      const foreign = await mgx.budgets.reserve({ projectId, amount: '0.9' })
      const waiting = costs.hold({ estimate, wait: 30_000 })
      await sleep(100)
      await mgx.budgets.release({ reservationId: foreign.reservation.id })
      const [first, second] = [await waiting, await costs.hold({ estimate, wait: 30_000 })]
      const begin = performance.now()
      const refused = await failureOf(costs.hold({ estimate, wait: 300 }))
      expect(performance.now() - begin).toBeGreaterThanOrEqual(299)
      expect(refused).toMatchObject({ shortage: 'held', limit: '0.5', requested: '0.25', reserved: '0.5' })
      expect(await mgx.budgets.get({ projectId })).toMatchObject({ reserved: '0.5' })
      const third = costs.hold({ estimate, wait: 30_000 })
      await first.settle({ ...call, totalCost: '0.25' })
      await second.settle({ ...call, totalCost: '0.000000001' })
      expect(await failureOf(third)).toMatchObject({ shortage: 'spent', spent: '0.250000001', requested: '0.25' })
      expect(await mgx.budgets.get({ projectId })).toMatchObject({ reserved: '0' })
    })

    test('without maxBudget is for the project, and must be valid', async () => {
      const projectId = await newProject('0.04')
      const costs = new CostManager(mgx, { projectId })
      await calls(4, () => costs.guard({ estimate: '0.03', wait: 30_000 }, () => ({ ...call, totalCost: '0.001' })))
      expect(costs.totalCost).toBe('0.004')
      for (const manager of [costs, new CostManager(mgx, { projectId, maxBudget: 1 })])
        expect(await failureOf(manager.guard({ estimate: 1, wait: -1 }, () => call))).toBeInstanceOf(RangeError)
    })
  })

  test('a hold adds its cost to the totals once, and frees maxBudget when it ends', async () => {
    const costs = new CostManager(mgx, { projectId: await newProject('1'), maxBudget: '0.1' })
    {
      await using hold = await costs.hold('0.1')
      expect(await failureOf(costs.hold({ estimate: '0.01' }))).toMatchObject({ shortage: 'held' })
      await hold.settle({ ...call, totalCost: '0.025' })
      await hold.settle({ ...call, totalCost: '0.025' })
    }
    expect(costs).toMatchObject({ totalCost: '0.025', records: 1 })
    for (let step = 0; step < 2; step += 1) {
      await using hold = await costs.hold({ estimate: '0.075', ttlSeconds: 60 })
      if (step) await hold.release()
    }
    expect(costs).toMatchObject({ totalCost: '0.025', records: 1 })
  })

  test('rejects an invalid maxBudget', () => {
    for (const maxBudget of [-1, Number.NaN, 'three', '-0.5']) {
      expect(() => new CostManager(mgx, { projectId: 1, maxBudget })).toThrow(RangeError)
    }
  })
})
