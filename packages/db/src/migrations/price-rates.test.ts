import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrateLatest } from '../migrate.js'
import { listOverrides, listPrices, setPrice } from '../stores/prices.js'
import { migratedDatabase, testDatabases } from '../testing/index.js'

const name = '20261128050000-price-rates'
const price = { model: 'our-own', inputPrice: '1', outputPrice: '2' }
const requester = { actor: 'user:1', credential: null, requestId: 'r', address: null }

describe.each(testDatabases)('the rates of prices on $name', (database) => {
  let db: Knex
  beforeEach(async () => {
    db = await migratedDatabase(database)
  })
  afterEach(() => db.destroy())

  const all = async () => (await listPrices(db, { limit: 10 })).items
  const set = (changes: object) => setPrice(db, { ...price, ...changes }, requester)
  const rows = () => db('prices').orderBy('id')
  const version = async (on: Knex = db) => {
    const row: { version: number | string } = await on('price_versions').first('version')
    return Number(row.version)
  }

  test('can be added and dropped with prices in the table, which are kept with their keys', async () => {
    await set({ cachedPrice: '0.5', idempotencyKey: 'first' })
    await set({ inputPrice: '3', idempotencyKey: 'second' })
    const before = await all()
    await db.migrate.down({ name })
    const dropped = await rows()
    expect(Object.keys(dropped[0]).join()).not.toMatch(
      /cacheWrite|audio|request_|search|tiers|aliases|pattern|version/i,
    )
    // The program before this migration required a cached price, which defaulted to the input price.
    expect(dropped.map(({ cachedPrice }) => Number(cachedPrice))).toEqual([500_000_000, 3_000_000_000])
    await expect(
      db('prices').insert({ ...dropped[1], id: 9, effectiveFrom: '2090-01-01T00:00:00.000Z', cachedPrice: null }),
    ).rejects.toThrow()

    expect(await migrateLatest(db)).toEqual([name])
    expect(await all()).toEqual(before)
    expect(await set({ cachedPrice: '0.5', idempotencyKey: 'first' })).toMatchObject({ id: before[1]?.id })
    await set({ inputPrice: '4', aliases: ['ours'], requestPrice: '1' })
    expect(await all()).toHaveLength(3)
    const [latest] = (await listOverrides(db, '2080-01-01T00:00:00.000Z')).toReversed()
    expect(latest).toMatchObject({ aliases: ['ours'], rates: { cachedInput: null, request: 1_000_000_000n } })
    await expect(db('prices').update({ searchPrice: -1 })).rejects.toThrow()
    await expect(db('prices').update({ cachedPrice: -1 })).rejects.toThrow()
  })

  test('every change of the table raises the version, also one by plain SQL; a rolled-back one does not', async () => {
    const raised = async (change: () => Promise<unknown>) => {
      const before = await version()
      await change()
      return (await version()) > before
    }
    expect(await raised(() => set({}))).toBe(true)
    const insert = `INSERT INTO prices (model, input_price, output_price, effective_from)
      VALUES ('by hand', 1, 1, '2026-01-01T00:00:00.000Z')`
    expect(await raised(() => db.raw(insert))).toBe(true)
    expect(await raised(() => db.raw(`UPDATE prices SET input_price = 2 WHERE model = 'by hand'`))).toBe(true)
    expect(await raised(() => db.raw(`DELETE FROM prices WHERE model = 'by hand'`))).toBe(true)
    expect(await raised(() => db('prices').truncate())).toBe(true)
    await set({})
    expect(await raised(() => db.raw('DELETE FROM prices'))).toBe(true)
    expect(await raised(() => all())).toBe(false)

    const rolledBack = () =>
      db.transaction(async (trx) => {
        const before = await version(trx)
        await trx.raw(insert)
        expect(await version(trx)).toBe(before + 1)
        throw new Error('rolled back')
      })
    expect(await raised(() => expect(rolledBack()).rejects.toThrow('rolled back'))).toBe(false)
    await expect(db.raw('INSERT INTO price_versions (id, version) VALUES (2, 1)')).rejects.toThrow()
  })

  test('a change by a session with another search path is counted too', async () => {
    await set({})
    const before = await version()
    await db.transaction(async (trx) => {
      if (database.name === 'postgres') await trx.raw('SET LOCAL search_path TO pg_catalog')
      await trx.raw(`UPDATE ${database.name === 'postgres' ? 'public' : 'main'}.prices SET output_price = 3`)
    })
    expect(await version()).toBe(before + 1)
  })
})
