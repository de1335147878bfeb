import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrateLatest } from '../migrate.js'
import { EVERYTHING } from '../scope.js'
import { listReservations } from '../stores/reservations.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'
import { runTraffic } from '../testing/ledger-traffic.js'

const name = '20261129090000-index-ended-holds'

describe.each(testDatabases)('the index of ended holds on $name', (database) => {
  let db: Knex
  beforeEach(async () => {
    db = await migratedDatabase(database)
  })
  afterEach(() => db.destroy())

  test('can be created and dropped with holds in the table, which are kept and listed either way', async () => {
    const [{ projectId } = { projectId: 0 }] = await runTraffic(db, 3)
    const rows = () => db('reservations').orderBy('id')
    const listed = () => listReservations(db, EVERYTHING, { projectId, limit: 200 })
    const before = [await rows(), await listed()]
    expect((await listed()).items.length).toBeGreaterThan(0)

    await db.migrate.down({ name })
    expect([await rows(), await listed()]).toEqual(before)
    expect(await migrateLatest(db)).toEqual([name])
    expect([await rows(), await listed()]).toEqual(before)
  })
})
