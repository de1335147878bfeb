import { beforeEach, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

const tokens = { promptTokens: 1000, completionTokens: 500 }

describeApi('spend by canonical model, and of estimates', (api) => {
  let caller: Caller
  let projectId: number
  beforeEach(async () => {
    caller = (await api.member()).caller
    projectId = (await caller.projects.create({ name: 'Snake', idea: 'A game', investment: '9' })).id
  })

  const spend = async (...groupBy: ('model' | 'canonicalModel' | 'actionType')[]) =>
    (await caller.reports.spend({ groupBy, projectId })).items
  const expectBalanced = async () => expect(await api.admin.system.verify()).toMatchObject({ ok: true, drifts: [] })

  test('adds up the names of one model; null, first, for models that no rule knows', async () => {
    const called = ['gpt-4o', 'gpt-4o-2024-08-06', 'openai/gpt-4o', 'o3-2025-04-16', 'Zürich', 'ours']
    for (const model of called) await caller.costs.record({ projectId, model, ...tokens, totalCost: '0.1' })
    await api.admin.costs.adjust({ projectId, totalCost: '0.5', reason: 'a refund' })
    expect(await spend('canonicalModel')).toMatchObject([
      { canonicalModel: null, records: 3, totalCost: '0.1' },
      { canonicalModel: 'gpt-4o', records: 3, totalCost: '0.3', promptTokens: 3000, completionTokens: 1500 },
      { canonicalModel: 'o3', records: 1, totalCost: '0.1' },
    ])
    const both = await spend('canonicalModel', 'model')
    const named = both.map(({ canonicalModel, model }) => [canonicalModel, model])
    expect(named).toEqual([
      [null, 'Zürich'],
      [null, 'adjustment'],
      [null, 'ours'],
      ['gpt-4o', 'gpt-4o'],
      ['gpt-4o', 'gpt-4o-2024-08-06'],
      ['gpt-4o', 'openai/gpt-4o'],
      ['o3', 'o3-2025-04-16'],
    ])
    const paged: unknown[] = []
    let cursor: string | null | undefined
    while (cursor !== null) {
      const input = { groupBy: ['canonicalModel' as const, 'model' as const], projectId, limit: 1 }
      const page = await caller.reports.spend({ ...input, ...(cursor !== undefined && { cursor }) })
      expect(page.items).toHaveLength(1)
      paged.push(...page.items)
      cursor = page.nextCursor
    }
    expect(paged).toEqual(both)
    const { nextCursor } = await caller.reports.spend({ groupBy: ['canonicalModel'], projectId, limit: 1 })
    const other = caller.reports.spend({ groupBy: ['model'], projectId, cursor: nextCursor ?? '' })
    await expectRefusal(other, 'invalid_input', /^cursor/)
    await expectBalanced()
  })

  test('shows how much of it is estimated, however it was recorded', async () => {
    const call = { model: 'gpt-4-turbo', ...tokens, actionType: 'WriteCode' }
    const estimated = { ...call, usageSource: 'estimated' } as const
    const { record } = await caller.costs.record({ projectId, ...estimated })
    expect(record).toMatchObject({ usageSource: 'estimated', totalCost: '0.025', priceSource: 'catalogue' })
    expect((await caller.costs.record({ projectId, ...call })).record.usageSource).toBe('caller')
    const records = [estimated, { ...call, usageSource: 'caller' as const }, { ...estimated, totalCost: '1' }]
    const { results } = await caller.costs.recordMany({ records: records.map((each) => ({ projectId, ...each })) })
    expect(results.map((each) => each.ok && each.record.usageSource)).toEqual(['estimated', 'caller', 'estimated'])
    const { reservation } = await caller.budgets.reserve({ projectId, amount: '1' })
    const settled = await caller.budgets.settle({ reservationId: reservation.id, ...estimated })
    expect(settled.record.usageSource).toBe('estimated')
    const again = { reservationId: reservation.id, ...call }
    await expectRefusal(caller.budgets.settle(again), 'reservation_closed')
    const row = { records: 6, totalCost: '1.125', estimatedCost: '1.075' }
    expect(await spend('canonicalModel')).toMatchObject([{ canonicalModel: 'gpt-4-turbo', ...row }])
    expect(await spend('actionType')).toMatchObject([row])
    expect((await caller.costs.list({ projectId })).items.map(({ usageSource }) => usageSource)).toEqual([
      ...['estimated', 'estimated', 'caller', 'estimated', 'caller', 'estimated'],
    ])
    await expectBalanced()
  })

  test('an estimate and a count of the caller are different contents of a key', async () => {
    const keyed = { projectId, model: 'gpt-4o', ...tokens, idempotencyKey: 'once' }
    const first = await caller.costs.record({ ...keyed, usageSource: 'estimated' })
    await expectRefusal(caller.costs.record(keyed), 'idempotency_mismatch')
    await expectRefusal(caller.costs.record({ ...keyed, usageSource: 'caller' }), 'idempotency_mismatch')
    expect(await caller.costs.record({ ...keyed, usageSource: 'estimated' })).toEqual(first)
  })
})
