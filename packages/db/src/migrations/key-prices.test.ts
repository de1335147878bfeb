import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrateLatest } from '../migrate.js'
import { listPrices, setPrice } from '../stores/prices.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'

const name = '20261128030000-key-prices'
const price = { model: 'our-own', inputPrice: '1', outputPrice: '2' }
const requester = { actor: 'user:1', credential: null, requestId: 'r', address: null }

describe.each(testDatabases)('the keys of prices on $name', (database) => {
  let db: Knex
  beforeEach(async () => {
    db = await migratedDatabase(database)
  })
  afterEach(() => db.destroy())

  const all = async () => (await listPrices(db, { limit: 10 })).items
  const shown = async () =>
    (await all()).map(({ id, model, effectiveFrom, effectiveTo }) => [id, model, effectiveFrom, effectiveTo])
  const set = (changes: object) => setPrice(db, { ...price, ...changes }, requester)

  test('can be added and dropped with prices in the table, which are kept', async () => {
    await set({ idempotencyKey: 'first' })
    await set({ inputPrice: '3' })
    const before = await shown()
    await db.migrate.down({ name })
    expect(Object.keys(await db('prices').columnInfo()).join()).not.toMatch(/key|hash/i)
    expect(await shown()).toEqual(before)
    const [latest] = await all()
    const same = { model: latest?.model, effectiveFrom: latest?.effectiveFrom }
    await expect(db('prices').insert({ ...same, inputPrice: 1, outputPrice: 1 })).rejects.toThrow()

    expect(await migrateLatest(db)).toEqual([name])
    expect(await shown()).toEqual(before)
    const again = await set({ inputPrice: '4', idempotencyKey: 'first' })
    expect(await set({ inputPrice: '4', idempotencyKey: 'first' })).toEqual(again)
    expect(await shown()).toHaveLength(3)
  })
})
