import { formatUsd, MAX_NANO_USD, type Spend, type SpendGroup, SpendInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { createLedger } from '../ledger/ledger.js'
import { createProject } from '../ledger/projects.js'
import { EVERYTHING, scopeTo } from '../scope.js'
import { createUser } from '../stores/users.js'
import { everyDatabase, migratedDatabase } from '../testing/index.js'
import { runTraffic, type Traffic } from '../testing/ledger-traffic.js'
import { spend } from './spend.js'

const groups: SpendGroup[] = ['day', 'user', 'project', 'model', 'canonicalModel', 'actionType']
/** Every combination of groups, in two orders. */
const combinations = Array.from({ length: 2 ** groups.length - 1 }, (_, index) =>
  groups.filter((_, bit) => (index + 1) & (2 ** bit)),
).flatMap((some) => (some.length === 1 ? [some] : [some, some.toReversed()]))

type CostRow = Record<'userId' | 'projectId' | 'promptTokens' | 'completionTokens' | 'totalCost', number> &
  Record<'createdAt' | 'model' | 'usageSource', string> &
  Record<'actionType' | 'canonicalModel', string | null>

const columnOf: Record<SpendGroup, (row: CostRow) => [string, string | number | null]> = {
  day: ({ createdAt }) => ['day', createdAt.slice(0, 10)],
  user: ({ userId }) => ['userId', userId],
  project: ({ projectId }) => ['projectId', projectId],
  model: ({ model }) => ['model', model],
  canonicalModel: ({ canonicalModel }) => ['canonicalModel', canonicalModel],
  actionType: ({ actionType }) => ['actionType', actionType],
}

/** Recomputes the report by adding up cost records one by one. */
function addUp(rows: CostRow[], groupBy: SpendGroup[]): Spend[] {
  const sums = new Map<string, { spend: Spend; totalCost: bigint; estimatedCost: bigint; order: string[] }>()
  for (const row of rows) {
    const key = groupBy.map((group) => columnOf[group](row))
    const found = sums.get(JSON.stringify(key))
    const { records = 0, promptTokens = 0, completionTokens = 0 } = found?.spend ?? {}
    const totalCost = (found?.totalCost ?? 0n) + BigInt(row.totalCost)
    const estimated = row.usageSource === 'estimated' ? BigInt(row.totalCost) : 0n
    const estimatedCost = (found?.estimatedCost ?? 0n) + estimated
    const spend = {
      ...Object.fromEntries(key),
      records: records + 1,
      promptTokens: promptTokens + row.promptTokens,
      completionTokens: completionTokens + row.completionTokens,
      totalCost: formatUsd(totalCost),
      estimatedCost: formatUsd(estimatedCost),
    }
    // Pads numbers to equal length, and compares text as UTF-8 bytes, because JavaScript compares UTF-16.
    const order = key.map(([, value]) =>
      typeof value === 'number' ? String(value).padStart(16, '0') : Buffer.from(value ?? '').toString('hex'),
    )
    sums.set(JSON.stringify(key), { spend, totalCost, estimatedCost, order })
  }
  const sorted = [...sums.values()].sort(({ order: a }, { order: b }) => {
    const index = a.findIndex((part, place) => part !== b[place])
    return (a[index] ?? '') < (b[index] ?? '') ? -1 : 1
  })
  return sorted.map(({ spend }) => spend)
}

describe.each(everyDatabase)('spend on $name', (database) => {
  let db: Knex
  let traffic: Traffic
  beforeAll(async () => {
    db = await migratedDatabase(database)
    for (const day of ['2020-02-28', '2020-02-29', '2020-03-01']) {
      traffic = await runTraffic(db, Number(day.replaceAll('-', '')))
      await db('cost_records')
        .where('createdAt', '>', '2021-01-01')
        .update({ createdAt: `${day}T23:59:59.999Z` })
      await db('cost_rollups').where('day', '>', '2021-01-01').update({ day })
    }
  })
  afterAll(() => db?.destroy())

  const report = (input: object, scope = EVERYTHING) => spend(db, scope, SpendInput.parse(input))
  const records = (where: object = {}): Promise<CostRow[]> => db('cost_records').where(where)

  async function allPages(input: object, scope = EVERYTHING): Promise<Spend[]> {
    const first = await report(input, scope)
    if (first.nextCursor === null) return first.items
    return [...first.items, ...(await allPages({ ...input, cursor: first.nextCursor }, scope))]
  }

  test.each(combinations)('by %s, %s, %s, %s, %s equals the sums of the cost records, in order', async (...groupBy) => {
    expect(await allPages({ groupBy, limit: 200 })).toEqual(addUp(await records(), groupBy))
  })

  test.each([1, 7])('pages of %i have the same rows as one page', async (limit) => {
    for (const groupBy of [['actionType', 'model'], ['project', 'actionType', 'day'], ['user']]) {
      expect(await allPages({ groupBy, limit })).toEqual(await allPages({ groupBy, limit: 200 }))
    }
  })

  test('a page continues where the last one ended, even when costs are recorded in between', async () => {
    const { userId } = traffic[0] as Traffic[number]
    const { id: projectId } = await createProject(db, userId, { name: 'n', idea: 'i', investment: '3' }, SYSTEM)
    const ledger = createLedger(db)
    const usage = { projectId, promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0, totalCost: '0.1' }
    for (const model of ['b', 'd', 'f']) await ledger.record(EVERYTHING, { ...usage, model })
    const input = { groupBy: ['model'], projectId, limit: 2 }
    const { items, nextCursor } = await report(input)
    for (const model of ['a', 'b', 'd', 'e', 'f']) await ledger.record(EVERYTHING, { ...usage, model })
    const rest = await report({ ...input, cursor: nextCursor })
    expect([items, rest.items].map((page) => page.map(({ model, records }) => `${model}:${records}`))).toEqual([
      ['b:1', 'd:1'],
      ['e:1', 'f:2'],
    ])
  })

  test('from a day, inclusive, to a day, exclusive; narrowed to a user and a project', async () => {
    const byDay = async (input: object) => (await report({ groupBy: ['day'], ...input })).items.map(({ day }) => day)
    const until = { to: '2021-01-01' }
    expect(await byDay(until)).toEqual(['2020-02-28', '2020-02-29', '2020-03-01'])
    expect(await byDay({ from: '2020-02-29', ...until })).toEqual(['2020-02-29', '2020-03-01'])
    expect(await byDay({ from: '2020-02-28', to: '2020-02-29' })).toEqual(['2020-02-28'])
    expect(await byDay({ from: '2020-02-29', to: '2020-02-28' })).toEqual([])
    expect(await byDay({ from: '0001-01-01', to: '9999-12-31' })).toHaveLength(4)
    for (const { userId, projectId } of traffic) {
      const groupBy: SpendGroup[] = ['day', 'model']
      expect(await allPages({ groupBy, projectId })).toEqual(addUp(await records({ projectId }), groupBy))
      expect(await allPages({ groupBy, userId })).toEqual(addUp(await records({ userId }), groupBy))
    }
  })

  test('a scope applies whatever the input', async () => {
    const [mine, , other] = traffic as [Traffic[number], Traffic[number], Traffic[number]]
    const groupBy = ['user', 'project']
    const seen = await report({ groupBy }, scopeTo({ userId: mine.userId }))
    expect(new Set(seen.items.map(({ userId }) => userId))).toEqual(new Set([mine.userId]))
    expect((await report({ groupBy }, scopeTo(mine))).items).toMatchObject([mine])
    expect((await report({ groupBy, userId: other.userId }, scopeTo(mine))).items).toEqual([])
    expect((await report({ groupBy, projectId: other.projectId }, scopeTo({ userId: mine.userId }))).items).toEqual([])
  })

  test('sums are exact far past the largest amount, and token sums are capped where JSON numbers stop being exact', async () => {
    const username = 'rich'
    const user = { username, email: 'rich@example.com', role: 'member', spendingLimit: null } as const
    const { id: userId } = await createUser(db, user, SYSTEM)
    const { id: projectId } = await createProject(db, userId, { name: 'n', idea: 'i', investment: '3' }, SYSTEM)
    const ledger = createLedger(db)
    const tokens = { promptTokens: Number.MAX_SAFE_INTEGER, completionTokens: 0, cachedPromptTokens: 0 }
    const costs = Array.from({ length: 6 }, (_, index) => MAX_NANO_USD - BigInt(index))
    // At once, so that they share a transaction, whose sums exceed 2^53 too.
    const calls = costs.flatMap((cost) => [
      ledger.record(EVERYTHING, { projectId, model: 'dear', ...tokens, totalCost: formatUsd(cost) }),
      ledger.adjust(
        EVERYTHING,
        { projectId, totalCost: '0', reason: 'r' },
        { actor: 'user:1', credential: null, requestId: 'r', address: null },
      ),
    ])
    await Promise.all(calls)
    const { items } = await report({ groupBy: ['model'], userId })
    const total = formatUsd(costs.reduce((sum, cost) => sum + cost))
    expect(items).toMatchObject([
      { model: 'adjustment', totalCost: `-${total}`, records: 6, promptTokens: 0 },
      { model: 'dear', totalCost: total, records: 6, promptTokens: Number.MAX_SAFE_INTEGER },
    ])
    const nothing = { totalCost: '0', records: 12, promptTokens: Number.MAX_SAFE_INTEGER }
    expect((await report({ groupBy: ['user'], userId })).items).toMatchObject([nothing])
  })

  test.each([
    'x',
    Buffer.from('[]').toString('base64url'),
    Buffer.from('[["model","a"]]').toString('base64url'),
    Buffer.from('[["day","2020-02-30"]]').toString('base64url'),
    Buffer.from('[["day","0000-01-01"]]').toString('base64url'),
    Buffer.from('[["day"]]').toString('base64url'),
    Buffer.from('[null]').toString('base64url'),
  ])('the cursor %s is refused', async (cursor) => {
    await expect(report({ groupBy: ['day'], cursor })).rejects.toMatchObject({ reason: 'invalid_input' })
  })
})
