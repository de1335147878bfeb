import { beforeAll, describe, expect, test } from 'vitest'
import { BudgetExceededError, CostManager, createMgxClient, type MgxClient, UnknownModelError } from '../index.js'
import { failureOf } from '../testing/client-over.js'
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
      await costs.guard(0.1, (hold) => hold.release(), { ttlSeconds: 60 })
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
      })
      expect(await mgx.budgets.get({ projectId })).toMatchObject({ spent: '0.5', reserved: '0' })
    })
  })

  test('rejects an invalid maxBudget', () => {
    for (const maxBudget of [-1, Number.NaN, 'three', '-0.5']) {
      expect(() => new CostManager(mgx, { projectId: 1, maxBudget })).toThrow(RangeError)
    }
  })
})
