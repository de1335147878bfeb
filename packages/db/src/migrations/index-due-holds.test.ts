import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLedger } from '../ledger/ledger.js'
import { migrateLatest } from '../migrate.js'
import { getBudget } from '../reports/budget.js'
import { EVERYTHING } from '../scope.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'
import { runTraffic } from '../testing/ledger-traffic.js'
import { verifyLedger } from '../verify/verify.js'

const name = '20261128040000-index-due-holds'
const LONG_AGO = '2020-01-01T00:00:00.000Z'

describe.each(testDatabases)('the indexes of due holds on $name', (database) => {
  let db: Knex
  beforeEach(async () => {
    db = await migratedDatabase(database)
  })
  afterEach(() => db.destroy())

  async function indexes(): Promise<string[]> {
    const names =
      database.name === 'sqlite'
        ? await db('sqlite_master').where({ type: 'index', tblName: 'reservations' }).whereNotNull('sql').pluck('name')
        : await db('pg_indexes').where({ tablename: 'reservations' }).pluck('indexname')
    return names.filter((each: string) => /^reservations_(by|held)/.test(each)).sort()
  }

  test('can be created and dropped with holds in the table, which are kept and can be swept either way', async () => {
    const accounts = await runTraffic(db, 7)
    const { projectId } = accounts.at(-1) ?? { projectId: 0 }
    const usage = { model: 'm', promptTokens: 1, completionTokens: 1, cachedPromptTokens: 0, totalCost: '0' }
    const ledger = createLedger(db)
    await ledger.reserve(EVERYTHING, { projectId, amount: '0.000000001', ttlSeconds: 60 })
    await db('reservations').where({ status: 'held' }).update({ expiresAt: LONG_AGO })
    const rows = () => db('reservations').orderBy('id')
    const before = await rows()
    const after = ['reservations_held', 'reservations_held_by_project', 'reservations_held_by_user']
    expect(await indexes()).toEqual(after)

    await db.migrate.down({ name })
    expect(await indexes()).toEqual(['reservations_by_project', 'reservations_held', 'reservations_held_by_user'])
    expect(await rows()).toEqual(before)
    expect(await migrateLatest(db)).toEqual([name])
    expect(await indexes()).toEqual(after)
    expect(await rows()).toEqual(before)

    expect((await ledger.record(EVERYTHING, { projectId, ...usage })).budget.reserved).toBe('0')
    while ((await ledger.expireDue()) > 0);
    expect(await getBudget(db, EVERYTHING, projectId)).toMatchObject({ reserved: '0' })
    expect(await verifyLedger(db, { maxDrifts: 10 })).toMatchObject({ ok: true })
  })
})
