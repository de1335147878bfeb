import { readGauges } from '@mgx/db'
import { beforeAll, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal, type TestApi } from '../testing/callers.js'

const usage = { model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500, totalCost: '0.1' }

describeApi('reports', (api) => {
  let zoe: Awaited<ReturnType<TestApi['member']>>
  let max: Awaited<ReturnType<TestApi['member']>>
  let projectIds: number[]
  beforeAll(async () => {
    ;[zoe, max] = [await api.member(), await api.member()]
    projectIds = [
      await spendOn(zoe.caller, 'WritePRD', null),
      await spendOn(zoe.caller, 'WriteCode'),
      await spendOn(max.caller),
    ]
    await api.admin.costs.adjust({ projectId: projectIds[2] ?? 0, totalCost: '0', reason: 'a gift' })
  })

  async function spendOn(caller: Caller, ...actions: (string | null)[]): Promise<number> {
    const { id: projectId } = await caller.projects.create({ name: 'Snake', idea: 'A game' })
    for (const actionType of [...actions, 'Review']) await caller.costs.record({ projectId, ...usage, actionType })
    const { reservation } = await caller.budgets.reserve({ projectId, amount: '1' })
    await caller.budgets.settle({ reservationId: reservation.id, ...usage, totalCost: '0.2', actionType: 'Review' })
    return projectId
  }

  const sums = (records: number, totalCost: string) => {
    const calls = records - (totalCost === '0' ? 1 : 0)
    return { records, promptTokens: calls * 1000, completionTokens: calls * 500, totalCost, estimatedCost: '0' }
  }

  test('spend by any group, settlements and adjustments included', async () => {
    const { items, nextCursor } = await api.admin.reports.spend({ groupBy: ['user', 'project'] })
    expect(nextCursor).toBeNull()
    expect(items).toEqual([
      { userId: zoe.id, projectId: projectIds[0], ...sums(4, '0.5') },
      { userId: zoe.id, projectId: projectIds[1], ...sums(3, '0.4') },
      { userId: max.id, projectId: projectIds[2], ...sums(3, '0') },
    ])
    expect((await zoe.caller.reports.spend({ groupBy: ['actionType'] })).items).toEqual([
      { actionType: null, ...sums(1, '0.1') },
      { actionType: 'Review', ...sums(4, '0.6') },
      { actionType: 'WriteCode', ...sums(1, '0.1') },
      { actionType: 'WritePRD', ...sums(1, '0.1') },
    ])
    const day = expect.stringMatching(/^\d{4}-\d\d-\d\d$/)
    const { items: days } = await zoe.caller.reports.spend({ groupBy: ['day', 'model'], projectId: projectIds[1] })
    expect(days).toEqual([{ day, model: 'gpt-4-turbo', ...sums(3, '0.4') }])
  })

  test('spend in pages', async () => {
    const input = { groupBy: ['project' as const, 'actionType' as const], limit: 3 }
    const first = await zoe.caller.reports.spend(input)
    expect(first.items).toHaveLength(3)
    const second = await zoe.caller.reports.spend({ ...input, cursor: first.nextCursor ?? '' })
    expect(second).toMatchObject({ items: [{ actionType: 'Review' }, { actionType: 'WriteCode' }], nextCursor: null })
    const other = zoe.caller.reports.spend({ groupBy: ['project'], cursor: first.nextCursor ?? '' })
    await expectRefusal(other, 'invalid_input', /^cursor/)
  })

  test("another tenant's spend is not found, with the same message as what does not exist", async () => {
    const groupBy = ['model' as const]
    for (const projectId of [projectIds[2], 999_999]) {
      await expectRefusal(zoe.caller.reports.spend({ groupBy, projectId }), 'not_found', /^project not found$/)
    }
    for (const userId of [max.id, 999_999]) {
      await expectRefusal(zoe.caller.reports.spend({ groupBy, userId }), 'not_found', /^user not found$/)
    }
    await expectRefusal(api.admin.reports.spend({ groupBy, userId: 999_999 }), 'not_found')
    expect((await zoe.caller.reports.spend({ groupBy, userId: zoe.id })).items).toMatchObject([{ records: 7 }])
    expect((await api.admin.reports.spend({ groupBy, userId: max.id })).items).toHaveLength(2)
  })

  test('a session of one project sees the spend of that project', async () => {
    const { token } = await zoe.caller.sessions.create({ projectId: projectIds[1] })
    const session = api.as(token)
    const { items } = await session.reports.spend({ groupBy: ['project'] })
    expect(items).toEqual([{ projectId: projectIds[1], ...sums(3, '0.4') }])
    await expectRefusal(session.reports.spend({ groupBy: ['model'], projectId: projectIds[0] }), 'not_found')
  })

  test.each([
    [{ groupBy: [] }],
    [{ groupBy: ['day', 'day'] }],
    [{ groupBy: ['total_cost'] }],
    [{}],
    [{ groupBy: ['day'], from: '2026-02-30' }],
    [{ groupBy: ['day'], from: '0000-01-01' }],
    [{ groupBy: ['day'], to: '2026-01-01T00:00:00Z' }],
    [{ groupBy: ['day'], limit: 201 }],
    [{ groupBy: ['day'], cursor: 'x'.repeat(4001) }],
    [{ groupBy: ['day'], where: '1=1' }],
  ])('%j is refused', async (input) => {
    await expectRefusal(zoe.caller.reports.spend(input as never), 'invalid_input')
  })

  test('the longest model and action fit in a cursor', async () => {
    const { id: projectId } = await max.caller.projects.create({ name: 'Snake', idea: 'A game' })
    // The longest encodings of a character: three bytes in UTF-8, six characters in JSON.
    for (const letter of ['本', '\u0001']) {
      const call = { projectId, ...usage, model: letter.repeat(200), actionType: letter.repeat(100) }
      await max.caller.costs.record(call)
      await max.caller.costs.record({ ...call, model: `z${letter.repeat(199)}` })
    }
    const groupBy = ['day', 'user', 'project', 'model', 'actionType'] as const
    let cursor: string | null | undefined
    for (let page = 1; cursor !== null; page += 1) {
      const input = { groupBy: [...groupBy], projectId, limit: 1, ...(cursor !== undefined && { cursor }) }
      const { items, nextCursor } = await max.caller.reports.spend(input)
      expect([items.length, nextCursor === null]).toEqual([1, page === 4])
      cursor = nextCursor
    }
  })

  test('an overview compares periods, counts projects and finds budgets that are nearly used up', async () => {
    const { caller, id: userId } = await api.member()
    const { db } = api.services
    const start = async (name: string, investment: string, totalCost: string, amount: string) => {
      const { id: projectId } = await caller.projects.create({ name, idea: 'A game', investment })
      await caller.projects.updateStatus({ id: projectId, status: 'running' })
      await caller.costs.record({ projectId, ...usage, totalCost })
      return { projectId, ...(await caller.budgets.reserve({ projectId, amount })) }
    }
    const [safe, near, due, full] = [
      await start('safe', '10', '4', '3.99'),
      await start('near', '10', '4', '4'),
      await start('due', '1', '0.1', '0.9'),
      await start('full', '1', '0.9', '0.1'),
    ]
    await db('reservations').where({ id: due.reservation.id }).update({ expiresAt: '2020-01-01T00:00:00.000Z' })
    const today = (await caller.reports.spend({ groupBy: ['day'] })).items[0]?.day ?? ''
    const day = (ago: number) => new Date(Date.parse(today) - ago * 86_400_000).toISOString().slice(0, 10)
    const rollup = { userId, projectId: safe.projectId, model: 'm', promptTokens: 1, completionTokens: 1 }
    const cost = (ago: number, nano: number) => ({ ...rollup, day: day(ago), records: 1, totalCost: nano })
    await db('cost_rollups').insert([1, 6, 7, 13, 14, 29, 30, 59, 60].map((ago) => cost(ago, 10 ** 9 * (ago + 1))))

    const { spend, projects, budgetsAtRisk, verification } = await caller.reports.overview()
    expect(spend).toEqual({
      today: { from: today, to: day(-1), totalCost: '9', records: 4, before: { totalCost: '2', records: 1 } },
      last7Days: { from: day(6), to: day(-1), totalCost: '18', records: 6, before: { totalCost: '22', records: 2 } },
      last30Days: { from: day(29), to: day(-1), totalCost: '85', records: 10, before: { totalCost: '91', records: 2 } },
    })
    expect(projects).toEqual({ pending: 0, running: 4, completed: 0, failed: 0 })
    expect(budgetsAtRisk).toEqual([
      { ...full.budget, name: 'full', userId },
      { ...near.budget, name: 'near', userId },
    ])
    expect(verification).toBeNull()

    expect(await api.admin.reports.overview({})).toMatchObject({
      spend: { last30Days: { before: { records: 2 } } },
      projects: { running: 4 },
      budgetsAtRisk: [{ name: 'full' }, { name: 'near' }],
      verification: { verifiedAt: null, drifts: 0 },
    })
    const { token } = await caller.sessions.create({ projectId: near.projectId })
    expect(await api.as(token).reports.overview()).toMatchObject({
      spend: { last30Days: { totalCost: '4', records: 1 } },
      budgetsAtRisk: [{ projectId: near.projectId }],
      verification: null,
    })
    expect((await zoe.caller.reports.overview()).budgetsAtRisk).toEqual([])
    await db('cost_rollups').where({ projectId: safe.projectId, model: 'm' }).delete()
  })

  test('the books show open holds by age, migrations and versions, to an admin', async () => {
    const { db } = api.services
    const { caller } = await api.member()
    const { id: projectId } = await caller.projects.create({ name: 'Snake', idea: 'A game' })
    const before = await api.admin.system.books()
    const ages = ['0.1', '0.2', '0.3', '0.4', '0.5', '0.6']
    const created = [0, 250, 290, 3_000, 80_000, 90_000]
    for (const [index, amount] of ages.entries()) {
      const { reservation } = await caller.budgets.reserve({ projectId, amount })
      const createdAt = new Date(Date.parse(reservation.createdAt) - (created[index] ?? 0) * 1_000).toISOString()
      // The last one has expired.
      const expiresAt = index === 5 ? createdAt : reservation.expiresAt
      await db('reservations').where({ id: reservation.id }).update({ createdAt, expiresAt })
    }
    const books = await api.admin.system.books()
    const added = books.openHolds.map(({ maxAgeSeconds, holds, due, amount }, index) => {
      const { holds: were, due: wereDue } = before.openHolds[index] ?? { holds: 0, due: 0 }
      return [maxAgeSeconds, holds - were, due - wereDue, amount]
    })
    expect(added).toEqual([
      [60, 1, 0, expect.any(String)],
      [300, 2, 0, '0.5'],
      [3_600, 1, 0, '0.4'],
      [86_400, 1, 0, '0.5'],
      [null, 1, 1, '0.6'],
    ])
    expect(books.verification).toEqual({ verifiedAt: null, drifts: 0 })
    const done: string[] = await db('knex_migrations').orderBy('id').pluck('name')
    expect(books.migrations).toEqual({ done, pending: [] })
    expect(books.versions).toEqual({
      server: '0.0.0-test',
      schema: done.at(-1),
      database: expect.stringMatching(/^(SQLite|PostgreSQL) \d+\.\d+/),
    })
    await expectRefusal(zoe.caller.system.books(), 'forbidden')
  })

  test('an admin may verify the books, which lists drifts', async () => {
    expect(await api.admin.system.verify()).toMatchObject({
      ok: true,
      drifts: [],
      hasMore: false,
      checked: { users: 5 },
    })
    await expectRefusal(zoe.caller.system.verify(), 'forbidden')
    await api.services.db('projects').where({ id: projectIds[0] }).increment('totalCost', 1)
    const what = `project ${projectIds[0]}: totalCost`
    expect(await api.admin.system.verify()).toMatchObject({
      ok: false,
      drifts: [
        { what, expected: '0.5', found: '0.500000001', difference: '0.000000001' },
        { difference: '-0.000000001' },
      ],
    })
    expect(await readGauges(api.services.db)).toMatchObject({ drifts: 2 })
    const { verification } = await api.admin.reports.overview()
    expect(verification).toEqual({ verifiedAt: expect.stringMatching(/Z$/), drifts: 2 })
  })
})
