import { type Books, formatUsd, type LastVerification, type OpenHolds } from '@mgx/contract'
import type { Knex } from 'knex'
import { readState } from '../database-state.js'
import { dialectOf, readSum } from '../dialect/dialect.js'
import { MOST_COUNTED } from './gauges.js'

/** The state of the ledger and of its database; the version of the server is not in it. */
type StoredBooks = Omit<Books, 'versions'> & { readonly versions: Omit<Books['versions'], 'server'> }

/** Returns the state of the ledger and of its database. Reads no table that grows with the calls, but bounded. */
export async function readBooks(db: Knex): Promise<StoredBooks> {
  const { completed, pending } = await readState(db)
  const { program }: { program: string } = await db.first(db.raw(`${dialectOf(db).program} AS program`))
  return {
    verification: await lastVerification(db),
    openHolds: await openHolds(db),
    migrations: { done: [...completed], pending: [...pending] },
    versions: { schema: completed.at(-1) ?? '', database: program },
  }
}

/** Returns what the last verification found, by whichever server. */
export async function lastVerification(db: Knex): Promise<LastVerification> {
  return db('ledgerVerifications').first('verifiedAt', 'drifts')
}

/** The ages by which open holds are told apart: a minute, five minutes, an hour, a day, and more. */
const AGES = [60, 300, 3_600, 86_400, null]

type Row = { age: number; holds: number; due: number; amount: string }

async function openHolds(db: Knex): Promise<OpenHolds[]> {
  const { exactSum, later, now } = dialectOf(db)
  const limits = AGES.flatMap((age) => (age === null ? [] : [-age]))
  const cases = limits.map((_, index) => `WHEN created_at >= ${later} THEN ${index}`)
  const held = db('reservations').whereRaw(`status = 'held'`).orderBy('expiresAt').limit(MOST_COUNTED)
  const aged = db
    .select('amount', 'expiresAt', db.raw(`CASE ${cases.join(' ')} ELSE ${limits.length} END AS age`, limits))
    .from(held.select('createdAt', 'expiresAt', 'amount').as('held'))
  const rows: Row[] = await db
    .select('age', db.raw('COUNT(*) AS holds'))
    .select(db.raw(`SUM(CASE WHEN expires_at <= ${now} THEN 1 ELSE 0 END) AS due, ${exactSum('amount')} AS amount`))
    .from(aged.as('aged'))
    .groupBy('age')
  const byAge = new Map(rows.map((row) => [row.age, row]))
  return AGES.map((maxAgeSeconds, age) => {
    const { holds, due, amount } = byAge.get(age) ?? { holds: 0, due: 0, amount: '0' }
    return { maxAgeSeconds, holds, due: Number(due), amount: formatUsd(readSum(amount)) }
  })
}
