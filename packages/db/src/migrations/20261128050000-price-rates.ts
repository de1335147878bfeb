import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import type { Migration } from './migration.js'

/** Rates that a price may omit. */
const RATES = [
  'cache_write_price',
  'cache_write1h_price',
  'audio_input_price',
  'cached_audio_input_price',
  'audio_output_price',
  'request_price',
  'search_price',
]

/**
 * Adds all rates, other names, tiers and factors to prices, and a version that triggers raise at every change of the
 * table, also by other programs. In plain SQL, because on SQLite Knex would copy the table.
 */
export const priceRates: Migration = {
  tables: ['price_versions'],
  async up(db) {
    const { text, integer, json, tableSuffix } = dialectOf(db).types
    const amount = (name: string) => `${name} ${integer} CHECK (${name} >= 0 AND ${name} <= 9007199254740992)`
    await replaceCachedPrice(db, amount('replacement'), 'cached_price')
    const columns = [
      `aliases ${json} NOT NULL DEFAULT '[]'`,
      `pattern ${text}`,
      ...RATES.map(amount),
      `tiers ${json} NOT NULL DEFAULT '[]'`,
      `service_tiers ${json} NOT NULL DEFAULT '{}'`,
    ]
    for (const column of columns) await db.raw(`ALTER TABLE prices ADD COLUMN ${column}`)
    await db.raw(`CREATE TABLE price_versions (
      id ${integer} PRIMARY KEY CHECK (id = 1),
      version ${integer} NOT NULL
    ) ${tableSuffix}`)
    await db.raw('INSERT INTO price_versions (id, version) VALUES (1, 1)')
    for (const statement of dialectOf(db).versionTriggers('prices', 'price_versions').create) await db.raw(statement)
  },
  async down(db) {
    for (const statement of dialectOf(db).versionTriggers('prices', 'price_versions').drop) await db.raw(statement)
    await db.raw('DROP TABLE price_versions')
    for (const name of ['aliases', 'pattern', ...RATES, 'tiers', 'service_tiers']) {
      await db.raw(`ALTER TABLE prices DROP COLUMN ${name}`)
    }
    const { integer } = dialectOf(db).types
    const required = `replacement ${integer} NOT NULL DEFAULT 0 CHECK (replacement >= 0 AND replacement <= 9007199254740992)`
    await replaceCachedPrice(db, required, 'COALESCE(cached_price, input_price)')
  },
}

/** Changes the definition of `cached_price`, which SQLite cannot alter in place. */
async function replaceCachedPrice(db: Knex, replacement: string, value: string): Promise<void> {
  await db.raw(`ALTER TABLE prices ADD COLUMN ${replacement}`)
  await db.raw(`UPDATE prices SET replacement = ${value}`)
  await db.raw('ALTER TABLE prices DROP COLUMN cached_price')
  await db.raw('ALTER TABLE prices RENAME COLUMN replacement TO cached_price')
}
