import { describe, expect, test } from 'vitest'
import { everyDatabase, migratedDatabase } from '../testing/index.js'

// The test server's time zone had an offset with seconds until 1920.
const instants = [
  '0001-01-01T00:00:00.000Z',
  '0050-06-01T12:00:00.001Z',
  '1919-12-31T18:18:43.999Z',
  '1999-12-31T23:59:59.999Z',
  '2026-11-22T00:00:00.000Z',
  '2099-12-31T23:59:59.999Z',
  '9999-12-31T23:59:59.999Z',
]

describe.each(everyDatabase)('$name', (database) => {
  test('an instant of any year reads back as it was written', async () => {
    const db = await migratedDatabase(database)
    const price = { input_price: 1, output_price: 1, cached_price: 1 }
    await db('prices').insert(instants.map((instant) => ({ ...price, model: instant, effective_from: instant })))
    const rows = await db('prices').orderBy('id')
    expect(rows.map(({ effectiveFrom }) => effectiveFrom)).toEqual(instants)
    await db.destroy()
  })
})
