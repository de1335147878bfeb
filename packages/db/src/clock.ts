import type { Knex } from 'knex'
import { dialectOf } from './dialect/dialect.js'

/** The database's clock, ISO-8601 UTC. */
export async function readClock(db: Knex): Promise<string> {
  const row: { now: string } = await db.select(db.raw(`${dialectOf(db).clock} AS now`)).first()
  return row.now
}
