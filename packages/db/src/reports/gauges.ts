import type { NanoUsd } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf, readSum, type Storage } from '../dialect/dialect.js'

/** The figures of a database that monitoring shows. */
export type Gauges = {
  /** The sum of the open holds of all users, due ones included. */
  readonly reserved: NanoUsd
  /** How many holds are open, counted up to {@link MOST_COUNTED}. */
  readonly openHolds: number
  /** When the ledger was last verified, by any server; null before the first time. */
  readonly verifiedAt: string | null
  /** How many drifts that verification listed. */
  readonly drifts: number
  readonly storage: Storage
}

/** The open holds are counted from an index; a count without bounds would still take seconds after an outage. */
export const MOST_COUNTED = 10_000

/** Reads the gauges with two statements, which read no table that grows with the calls. */
export async function readGauges(db: Knex): Promise<Gauges> {
  const { exactSum, storage } = dialectOf(db)
  const row: Omit<Gauges, 'reserved' | 'storage'> & { reserved: string | null } = await db('ledgerVerifications').first(
    'verifiedAt',
    'drifts',
    db.raw(`(SELECT ${exactSum('reserved')} FROM users) AS reserved`),
    db.raw(
      `(SELECT COUNT(*) FROM (SELECT 1 FROM reservations WHERE status = 'held' LIMIT ${MOST_COUNTED}) AS held) AS open_holds`,
    ),
  )
  return { ...row, reserved: readSum(row.reserved ?? '0'), storage: await storage(db) }
}
