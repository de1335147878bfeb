import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import type { Migration } from './migration.js'

/** Collates the text of rollups in the order of reports, by code point, so that a page reads only its index range. */
export const orderRollups: Migration = {
  up: (db) => orderText(db, dialectOf(db).byCodePoint),
  down: (db) => orderText(db, 'COLLATE "default"'),
}

async function orderText(db: Knex, collation: string): Promise<void> {
  if (dialectOf(db).byCodePoint === '') return
  await db.raw(`ALTER TABLE cost_rollups
    ALTER COLUMN model TYPE text ${collation}, ALTER COLUMN action_type TYPE text ${collation}`)
}
