import { MAX_NANO_USD } from '@mgx/contract'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SYSTEM } from '../audit/audit-log.js'
import { createLedger } from '../ledger/ledger.js'
import { createProject } from '../ledger/projects.js'
import { migrateLatest } from '../migrate.js'
import { EVERYTHING } from '../scope.js'
import { createUser } from '../stores/users.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'
import { verifyLedger } from '../verify/verify.js'

const name = '20261128060000-break-down-costs'
const later = '20261128070000-create-unknown-models'
const MAX_TOKENS = Number.MAX_SAFE_INTEGER
const ADDED = /canonical|usageSource|priceId|breakdown|unpriced|corrects|estimated/

describe.each(testDatabases)('the breakdown of costs on $name', (database) => {
  let db: Knex
  let userId: number
  let projectId: number
  beforeEach(async () => {
    db = await migratedDatabase(database)
    const zoe = { username: 'zoe', email: 'zoe@example.com', role: 'member', spendingLimit: null } as const
    userId = (await createUser(db, zoe, SYSTEM)).id
    projectId = (await createProject(db, userId, { name: 'Snake', idea: 'A game', investment: '9' }, SYSTEM)).id
  })
  afterEach(() => db.destroy())

  const down = async () => {
    await db.migrate.down({ name: later })
    await db.migrate.down({ name })
  }
  const rows = (table: string): Promise<Record<string, unknown>[]> => db(table).orderBy('id')
  const without = (row: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => !ADDED.test(column)))
  const keyOf = ({ day, model, actionType }: Record<string, unknown>) => [day, model, actionType].join()
  const uniqueKeys = async () => {
    const rollup = { ...(await rows('cost_rollups')).at(-1), id: 9_999 }
    await expect(db('cost_rollups').insert(rollup)).rejects.toThrow(/unique/i)
    await db('cost_rollups').insert({ ...rollup, model: 'another' })
    await db('cost_rollups').where({ id: 9_999 }).delete()
  }

  async function record() {
    const ledger = createLedger(db)
    const call = { projectId, promptTokens: 1000, completionTokens: 500, cachedPromptTokens: 0 }
    for (const model of ['gpt-4o', 'gpt-4o-2024-08-06', 'ours', 'Zürich', '😀']) {
      for (const actionType of [null, 'Review']) {
        await ledger.record(EVERYTHING, { ...call, model, actionType, totalCost: '0.1' })
        await ledger.record(EVERYTHING, {
          ...call,
          model,
          actionType,
          totalCost: '0.000000001',
          usageSource: 'estimated',
        })
      }
    }
    await ledger.record(EVERYTHING, { ...call, model: 'gpt-4o', searches: 2, provider: 'openai', serviceTier: 'batch' })
  }

  test('can be dropped and added with records and rollups in the tables, which are kept', async () => {
    await record()
    const [records, rollups] = [await rows('cost_records'), await rows('cost_rollups')]
    await down()
    const dropped = { records: await rows('cost_records'), rollups: await rows('cost_rollups') }
    expect(Object.keys({ ...dropped.records[0], ...dropped.rollups[0] }).join()).not.toMatch(ADDED)
    expect(dropped.records).toEqual(records.map(without))
    const sameButIds = (each: Record<string, unknown>) => ({ ...without(each), id: 0 })
    expect(dropped.rollups.map(sameButIds)).toEqual(rollups.map(sameButIds))
    await uniqueKeys()

    expect(await migrateLatest(db)).toEqual([name, later])
    const added = { canonicalModel: null, usageSource: 'caller', priceId: null, breakdown: null, unpriced: '' }
    expect(await rows('cost_records')).toEqual(
      records.map((each) => ({ ...without(each), ...added, correctsRecordId: null })),
    )
    expect((await rows('cost_rollups')).map((each) => ({ ...each, id: 0 }))).toEqual(
      rollups.map((each) => ({ ...sameButIds(each), canonicalModel: '', estimatedCost: expect.anything() })),
    )
    expect((await rows('cost_rollups')).every(({ estimatedCost }) => Number(estimatedCost) === 0)).toBe(true)
    await uniqueKeys()
    expect(await verifyLedger(db, { maxDrifts: 10 })).toMatchObject({ ok: true })
    await record()
    expect(await verifyLedger(db, { maxDrifts: 10 })).toMatchObject({ ok: true, drifts: [] })
    await expect(db('cost_records').update({ usageSource: 'guess' })).rejects.toThrow()
  })

  test('merges rollups that differ only in the canonical model, in the order of their first rows', async () => {
    const base = {
      userId,
      projectId,
      day: '2026-06-01',
      actionType: '',
      records: 1,
      promptTokens: 10,
      completionTokens: 5,
    }
    const rollup = (model: string, canonicalModel: string, changes: object = {}) => ({
      ...{ ...base, model, canonicalModel, totalCost: 7, estimatedCost: 3 },
      ...changes,
    })
    const inserted = [
      rollup('b', 'x', { createdAt: '2026-06-01T12:00:00.000Z' }),
      rollup('a', 'x'),
      rollup('b', 'y', { records: 2, totalCost: -3, createdAt: '2026-06-01T11:00:00.000Z' }),
      rollup('a', 'y', { day: '2026-06-02' }),
      rollup('b', '', { actionType: 'Review' }),
      rollup('c', 'x', { promptTokens: MAX_TOKENS, completionTokens: MAX_TOKENS - 5, totalCost: Number(MAX_NANO_USD) }),
      rollup('c', 'y', { promptTokens: 1, completionTokens: 5, totalCost: Number(MAX_NANO_USD) }),
    ]
    for (const each of inserted) await db('cost_rollups').insert(each)
    await down()
    const merged = await rows('cost_rollups')
    expect(merged.map(keyOf)).toEqual([
      '2026-06-01,b,',
      '2026-06-01,a,',
      '2026-06-02,a,',
      '2026-06-01,b,Review',
      '2026-06-01,c,',
    ])
    expect(merged[0]).toMatchObject({
      records: 3,
      promptTokens: 20,
      completionTokens: 10,
      createdAt: '2026-06-01T11:00:00.000Z',
    })
    expect(merged.map(({ promptTokens }) => promptTokens)).toEqual([20, 10, 10, 10, MAX_TOKENS])
    expect(merged.map(({ completionTokens }) => completionTokens)).toEqual([10, 5, 5, 5, MAX_TOKENS])
    const [row] = await db('cost_rollups').whereNot({ model: 'c' }).sum({ sum: 'totalCost' })
    expect(Number(row?.sum)).toBe(7 + 7 - 3 + 7 + 7)
    const [exact] = await db('cost_rollups').where({ model: 'c' }).select(db.raw('CAST(total_cost AS TEXT) AS cost'))
    expect(exact.cost).toBe(String(2n * MAX_NANO_USD))

    expect(await migrateLatest(db)).toEqual([name, later])
    const again = await rows('cost_rollups')
    expect(again.map(keyOf)).toEqual(merged.map(keyOf))
    expect(again.map(({ id }) => id)).toEqual(again.map(({ id }) => id).sort((a, b) => Number(a) - Number(b)))
  })
})
