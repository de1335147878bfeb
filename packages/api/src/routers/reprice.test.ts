import { randomUUID } from 'node:crypto'
import { SYSTEM } from '@mgx/db'
import { beforeEach, expect, test } from 'vitest'
import { type Caller, callerOf, describeApi, expectRefusal, type TestApi } from '../testing/callers.js'

const PAST = '2020-01-01T00:00:00.000Z'
const TODAY = '2026-01-01T00:00:00.000Z'
const million = { promptTokens: 1_000_000, completionTokens: 0 }

describeApi('repricing', (api) => {
  let member: Awaited<ReturnType<TestApi['member']>>
  let caller: Caller
  let projectId: number
  let family: string
  /** The name that calls have: the family with a date. */
  let model: string
  beforeEach(async () => {
    member = await api.member()
    caller = member.caller
    projectId = await newProject()
    family = `m${randomUUID()}`
    model = `${family}-2025-04-14`
    // 1 USD per million tokens, by the least specific rule.
    await api.admin.prices.set({ ...priced('1'), model: `${family}-all`, pattern: `${family}*` })
  })

  const newProject = async () => (await caller.projects.create({ name: 'Snake', idea: 'A game', investment: '9' })).id
  const priced = (inputPrice: string) => ({ inputPrice, outputPrice: '10' })
  /** Sets a price that was in force all the time; one for the exact name goes before one for the family. */
  const setLate = (inputPrice: string, name = family) =>
    api.admin.prices.set({ ...priced(inputPrice), model: name, effectiveFrom: PAST })
  const record = async (changes: object = {}) =>
    (await caller.costs.record({ projectId, model, ...million, ...changes })).record
  const reprice = (changes: object = {}) => api.admin.prices.reprice({ from: TODAY, projectId, ...changes })
  const listed = async (id = projectId) => (await caller.costs.list({ projectId: id, limit: 200 })).items
  const audits = async () =>
    (await api.services.db('audit_log').where({ action: 'prices.reprice', subject: `project:${projectId}` })).length

  /** Everything that counts the costs of the project and its user. */
  const books = async () => {
    const [sums] = (await caller.reports.spend({ groupBy: ['project'], projectId })).items
    return {
      project: (await caller.projects.get({ id: projectId })).totalCost,
      total: (await caller.costs.total({ projectId })).totalCost,
      spent: (await caller.budgets.get({ projectId })).spent,
      user: (await caller.users.me()).totalCost,
      rollups: sums?.totalCost ?? '0',
    }
  }
  const booksOf = (usd: string) => ({ project: usd, total: usd, spent: usd, user: usd, rollups: usd })
  const expectBalanced = async () => expect(await api.admin.system.verify()).toMatchObject({ ok: true, drifts: [] })

  test('corrects the records of a price that came late by adjustments, as its dry run said', async () => {
    const [first, second] = [await record({ actionType: 'WriteCode' }), await record()]
    expect([first.totalCost, second.totalCost]).toEqual(['1', '1'])
    expect(await reprice()).toEqual({ items: [], difference: '0', nextCursor: null })
    await setLate('0.75')
    const changeOf = ({ id, createdAt }: typeof first, adjustmentId: unknown) => ({
      recordId: id,
      projectId,
      model,
      createdAt,
      recordedCost: '1',
      repricedCost: '0.75',
      difference: '-0.25',
      adjustmentId,
    })
    const before = { books: await books(), listed: await listed() }
    expect(await reprice({ dryRun: true })).toEqual({
      items: [changeOf(second, null), changeOf(first, null)],
      difference: '-0.5',
      nextCursor: null,
    })
    expect({ books: await books(), listed: await listed() }).toEqual(before)
    expect(await audits()).toBe(0)

    const real = await reprice()
    const [two, one] = (await listed()).slice(0, 2).map(({ id }) => id)
    expect(real.items).toHaveLength(2)
    expect(real).toMatchObject({ difference: '-0.5', nextCursor: null })
    const adjustments = new Map(real.items.map(({ recordId, adjustmentId }) => [recordId, adjustmentId]))
    expect([...adjustments.values()].sort()).toEqual([one, two].sort())
    expect(real.items).toEqual([second, first].map((each) => changeOf(each, adjustments.get(each.id))))
    const written = await listed()
    for (const each of [first, second]) {
      expect(written.find(({ id }) => id === each.id)).toEqual(each)
      expect(written.find(({ id }) => id === adjustments.get(each.id))).toEqual({
        ...each,
        id: adjustments.get(each.id),
        promptTokens: 0,
        totalCost: '-0.25',
        priceSource: 'adjustment',
        priceId: null,
        breakdown: null,
        correctsRecordId: each.id,
        createdAt: expect.any(String),
      })
    }
    expect(await books()).toEqual(booksOf('1.5'))
    await expectBalanced()
  })

  test('charges searches that had no rate before', async () => {
    const searched = await record({ searches: 3 })
    expect(searched).toMatchObject({ totalCost: '1', unpriced: ['search'] })
    expect(searched.breakdown?.map(({ kind }) => kind)).toEqual(['input'])
    await api.admin.prices.set({ ...priced('1'), searchPrice: '7', model: family, effectiveFrom: PAST })
    expect((await reprice()).items).toMatchObject([{ recordId: searched.id, difference: '0.021' }])
    expect((await reprice()).items).toEqual([])
  })

  test('keeps the reports of the record: its model, canonical model, action and day', async () => {
    await record({ actionType: 'WriteCode' })
    const rowsOf = async (groupBy: ('day' | 'model' | 'canonicalModel' | 'actionType')[]) =>
      (await caller.reports.spend({ groupBy, projectId })).items
    const all = ['day', 'model', 'canonicalModel', 'actionType'] as const
    const before = new Map<string, object[]>()
    for (const group of all) before.set(group, await rowsOf([group]))
    await setLate('0.5')
    await reprice()
    for (const group of all) {
      expect(await rowsOf([group])).toEqual([{ ...before.get(group)?.[0], records: 2, totalCost: '0.5' }])
    }
  })

  test('twice is once, and a later price corrects from the corrected cost', async () => {
    const { id } = await record()
    await setLate('0.75')
    await reprice()
    const once = await listed()
    expect(await reprice()).toEqual({ items: [], difference: '0', nextCursor: null })
    expect(await listed()).toEqual(once)

    await setLate('2', model)
    const change = { recordId: id, recordedCost: '0.75', repricedCost: '2', difference: '1.25' }
    expect(await reprice({ dryRun: true })).toMatchObject({ items: [change], difference: '1.25' })
    expect(await reprice()).toMatchObject({ items: [change] })
    expect((await listed()).map(({ totalCost }) => totalCost)).toEqual(['1.25', '-0.25', '1'])
    expect(await reprice()).toMatchObject({ items: [] })
    expect(await books()).toEqual(booksOf('2'))
    expect(await audits()).toBe(2)
    await expectBalanced()
  })

  test('two at once, on two servers, write each correction once', async () => {
    await caller.costs.recordMany({ records: Array(30).fill({ projectId, model, ...million, promptTokens: 1000 }) })
    await setLate('3')
    const servers = [api.services, api.anotherProcess()]
    const { apiKey } = await newAdmin()
    const calls = servers.flatMap((services) => {
      const admin = callerOf(services, apiKey)
      return [1, 2].map(() => admin.prices.reprice({ from: TODAY, projectId, limit: 200 }))
    })
    const pages = await Promise.all(calls)
    const written = (await listed()).filter(({ correctsRecordId }) => correctsRecordId !== null)
    expect(new Set(written.map(({ correctsRecordId }) => correctsRecordId)).size).toBe(30)
    expect(written).toHaveLength(30)
    // Each page has what its call wrote, so that the pages add up to what changed.
    const said = pages.flatMap(({ items }) => items.map(({ adjustmentId }) => adjustmentId))
    expect(said.sort()).toEqual(written.map(({ id }) => id).sort())
    expect(await books()).toEqual(booksOf('0.09'))
    await expectBalanced()
  })

  const newAdmin = async () => {
    const name = `admin-${randomUUID()}`
    const admin = { username: name, email: `${name}@example.com`, role: 'admin', spendingLimit: null } as const
    return { apiKey: (await api.services.credentials.createUser(admin, { requester: SYSTEM })).apiKey ?? '' }
  }

  test('leaves costs that callers gave, and adjustments, as they are', async () => {
    await record({ totalCost: '7' })
    await api.admin.costs.adjust({ projectId, totalCost: '5', reason: 'a discount' })
    const before = await listed()
    await setLate('0.5')
    expect(await reprice()).toEqual({ items: [], difference: '0', nextCursor: null })
    expect(await listed()).toEqual(before)
  })

  test('leaves records whose model has no price any more as they are', async () => {
    await record()
    await api.services
      .db('prices')
      .where({ pattern: `${family}*` })
      .delete()
    expect(await reprice()).toEqual({ items: [], difference: '0', nextCursor: null })
  })

  test('keeps estimates estimated', async () => {
    await record({ usageSource: 'estimated' })
    await record()
    await setLate('3')
    await reprice()
    const [row] = (await caller.reports.spend({ groupBy: ['project'], projectId })).items
    expect(row).toMatchObject({ totalCost: '6', estimatedCost: '3' })
    expect((await listed()).map(({ usageSource, totalCost }) => `${usageSource} ${totalCost}`).sort()).toEqual(
      ['estimated 1', 'estimated 2', 'caller 1', 'caller 2'].sort(),
    )
    await expectBalanced()
  })

  test('that would bring a total below zero is refused, and nothing changes anywhere', async () => {
    const elsewhere = await newProject()
    await record({ projectId: elsewhere })
    await record()
    await api.admin.costs.adjust({ projectId, totalCost: '0.1', reason: 'a refund' })
    await record({ projectId: elsewhere })
    await setLate('0.75')
    const state = async () => [await books(), await listed(), await listed(elsewhere), await audits()]
    const before = await state()
    const call = reprice({ projectId: undefined, model })
    await expectRefusal(call, 'conflict', /below zero/)
    await expect(call).rejects.toMatchObject({ cause: { details: { projectId } } })
    expect(await state()).toEqual(before)
    // The other project can still be repriced, and this one as far as its total allows.
    expect(await reprice({ projectId: elsewhere })).toMatchObject({ difference: '-0.5' })
    await record()
    expect(await reprice()).toMatchObject({ difference: '-0.25' })
    await expectBalanced()
  })

  test('brings a total down and up in one page when their sum allows it', async () => {
    const [small, large] = [await record(), await record({ model: `${family}-turbo`, promptTokens: 100_000 })]
    await api.admin.costs.adjust({ projectId, totalCost: '0.1', reason: 'a refund' })
    await setLate('0', `${family}-turbo`)
    await setLate('0.95')
    // The newest is corrected first: by -0.1 to zero, which leaves nothing for the older one.
    await expectRefusal(reprice(), 'conflict')
    await setLate('2', model)
    expect((await reprice()).items.map(({ recordId }) => recordId)).toEqual([large.id, small.id])
    expect(await books()).toEqual(booksOf('1'))
  })

  test('corrects holds that were settled, and what was charged beside tokens', async () => {
    const { reservation } = await caller.budgets.reserve({ projectId, amount: '5' })
    const parts = { cachedPromptTokens: 100_000, cacheWriteTokens: 100_000, audioPromptTokens: 200_000 }
    const call = {
      model,
      ...million,
      ...parts,
      completionTokens: 1000,
      serviceTier: 'batch',
      provider: 'openai',
    } as const
    await caller.budgets.settle({ reservationId: reservation.id, ...call })
    const all = { cachedPrice: '0.1', cacheWritePrice: '3', audioInputPrice: '20', requestPrice: '0.5' }
    await api.admin.prices.set({
      ...{ ...priced('2'), ...all, model: family, effectiveFrom: PAST },
      tiers: [{ abovePromptTokens: 500_000, inputPrice: '4' }],
      serviceTiers: { batch: 0.25 },
    })
    const { totalCost } = await caller.prices.quote(call)
    expect(await reprice()).toMatchObject({ items: [{ repricedCost: totalCost }] })
    expect(await books()).toEqual(booksOf(totalCost))
    await expectBalanced()
  })

  test('is for admins only, and is in the audit log', async () => {
    const { id } = await record()
    await setLate('0.75')
    await expectRefusal(caller.prices.reprice({ from: TODAY }), 'forbidden')
    await expectRefusal(caller.prices.reprice({ from: TODAY, projectId, dryRun: true }), 'forbidden')
    expect(await audits()).toBe(0)
    await reprice()
    const { id: adminId } = await api.admin.users.me()
    const [row] = await api.services
      .db('audit_log')
      .where({ action: 'prices.reprice', subject: `project:${projectId}` })
    const read = (json: unknown) => (typeof json === 'string' ? JSON.parse(json) : json)
    expect({ ...row, before: read(row.before), after: read(row.after) }).toMatchObject({
      actor: `user:${adminId}`,
      action: 'prices.reprice',
      before: { recordId: id, cost: '1' },
      after: { recordId: id, cost: '0.75' },
      requestId: 'test',
    })
  })
})
