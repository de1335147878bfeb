import { formatUsd, parseUsd } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { createProject } from '../ledger/projects.js'
import { EVERYTHING } from '../scope.js'
import { createUser } from '../stores/users.js'
import { everyDatabase, migratedDatabase } from '../testing/index.js'
import { costTimeline } from './cost-timeline.js'

/** A day of a project: how many records it has, each a second after the one before, the n-th of n nano-USD. */
const days = [
  ['2026-01-01', 28],
  ['2026-01-03', 40],
  ['2026-01-04', 180],
] as const

describe.each(everyDatabase)('the timeline of costs on $name', (database) => {
  let db: Knex
  let projectId: number
  beforeAll(async () => {
    db = await migratedDatabase(database)
    const user = { username: 'ada', email: 'ada@example.com', role: 'member', spendingLimit: null } as const
    const { id: userId } = await createUser(db, user, SYSTEM)
    projectId = (await createProject(db, userId, { name: 'n', idea: 'i', investment: '3' }, SYSTEM)).id
    const usage = { userId, projectId, model: 'm', promptTokens: 1, completionTokens: 1 }
    for (const [day, records] of days) {
      const start = Date.parse(day)
      const rows = Array.from({ length: records }, (_, index) => ({
        ...usage,
        cachedPromptTokens: 0,
        priceSource: 'caller',
        totalCost: index + 1,
        createdAt: new Date(start + index * 1_000).toISOString(),
      }))
      await db('cost_records').insert(rows)
      const half = { ...usage, day, records: records / 2, totalCost: Number(costOf(records)) - 1 }
      // Two rollups of a day, as of two actions.
      await db('cost_rollups').insert({ ...half, actionType: 'a' })
      await db('cost_rollups').insert({ ...half, actionType: 'b', totalCost: 1 })
    }
  })
  afterAll(() => db?.destroy())

  const costOf = (records: number) => (BigInt(records) * BigInt(records + 1)) / 2n
  const timeline = async (points: number) => (await costTimeline(db, EVERYTHING, { projectId, points }, 200)).points
  const total = days.reduce((sum, [, records]) => sum + costOf(records), 0n)

  test('is exact for the newest records, and before them at the ends of days', async () => {
    const points = await timeline(50)
    expect(points).toHaveLength(50)
    expect(points.reduce((sum, { records }) => sum + records, 0)).toBe(248)
    expect(points.at(-1)).toMatchObject({ at: '2026-01-04T00:02:59.000Z', totalCost: formatUsd(total) })
    for (const [index, { at, totalCost }] of points.entries()) {
      const since = Date.parse(at) - Date.parse('2026-01-04')
      // A point within the last day has the records up to it.
      if (since > 0) {
        const before = costOf(28) + costOf(40)
        expect(parseUsd(totalCost)).toBe(before + costOf(since / 1_000 + 1))
      }
      expect(at > (points[index - 1]?.at ?? '')).toBe(true)
    }
  })

  test('has the days that ended before, and the rest of the day when the newest records begin', async () => {
    await db('cost_records').where({ projectId }).where('createdAt', '<', '2026-01-02').update({ totalCost: 0 })
    const [first, second, third] = await timeline(500)
    // Its records are no longer what the rollups say, so it was not read from them.
    expect(first).toEqual({ at: '2026-01-02T00:00:00.000Z', records: 28, totalCost: formatUsd(costOf(28)) })
    const rest = { at: '2026-01-03T00:00:20.000Z', totalCost: formatUsd(costOf(28) + costOf(20)) }
    expect(second).toEqual({ ...rest, records: 20 })
    expect(third).toMatchObject({ at: '2026-01-03T00:00:20.000Z', records: 1 })
  })
})
