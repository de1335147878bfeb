import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Drift, Verification } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Dialect, dialectOf, readClock, type Snapshot } from '../dialect/dialect.js'
import type { Check, Range } from './comparison.js'
import { links } from './links.js'
import { rollupSums } from './rollups.js'
import { projectTotals, userTotals } from './totals.js'

/** How many projects or users one statement covers. */
const ROWS_A_STATEMENT = 500

/** What a verification found. */
export type Found = Pick<Verification, 'verifiedAt' | 'drifts' | 'hasMore'>

/**
 * Verifies the books: project totals against cost records and holds, user totals against projects, rollups against cost
 * records, and the links between holds and cost records. Reads one snapshot, so calls in progress cause no drift, and
 * takes no lock (see `withSnapshots`). Lists at most `maxDrifts` drifts and corrects nothing.
 */
export function verifyLedger(db: Knex, { maxDrifts }: { maxDrifts: number }): Promise<Verification> {
  const dialect = dialectOf(db)
  return dialect.withSnapshots(db, (inSnapshot) =>
    inSnapshot(async (snapshot) => {
      const { verifiedAt, ...checked } = await counts(snapshot)
      const found = await findDrifts((read) => read(snapshot), dialect, maxDrifts)
      return { ok: found.drifts.length === 0, verifiedAt, checked, ...found }
    }),
  )
}

/**
 * Verifies the same, but in pages: each in a snapshot of its own, which is enough because each compares rows that are
 * read by one statement. Pauses after each page for as long as that took, so that at most half of a core is busy, and
 * holds back neither SQLite's checkpoints nor PostgreSQL's vacuum for longer than a page.
 * @throws AbortError when the signal is aborted.
 */
export function verifyInPages(
  db: Knex,
  { maxDrifts, signal }: { maxDrifts: number; signal: AbortSignal },
): Promise<Found> {
  const dialect = dialectOf(db)
  const verify = async (inSnapshot: Snapshot) => {
    const paced: Snapshot = async (read) => {
      const start = performance.now()
      const result = await inSnapshot(read)
      await sleep(performance.now() - start, undefined, { signal })
      return result
    }
    const verifiedAt = await inSnapshot(readClock)
    return { verifiedAt, ...(await findDrifts(paced, dialect, maxDrifts)) }
  }
  return dialect.withSnapshots(db, verify, signal)
}

async function findDrifts(inSnapshot: Snapshot, dialect: Dialect, most: number): Promise<Omit<Found, 'verifiedAt'>> {
  const drifts: Drift[] = []
  for (const check of [projectTotals, userTotals, rollupSums(dialect), ...links]) {
    drifts.push(...(await firstDrifts(inSnapshot, check, most + 1 - drifts.length)))
  }
  return { drifts: drifts.slice(0, most), hasMore: drifts.length > most }
}

async function firstDrifts(inSnapshot: Snapshot, check: Check, most: number): Promise<Drift[]> {
  const drifts: Drift[] = []
  for (let after: number | null = 0; after !== null && drifts.length < most; ) {
    const page = await inSnapshot((snapshot) => findInPage(snapshot, check, after ?? 0, most - drifts.length))
    drifts.push(...page.drifts)
    after = page.last
  }
  return drifts
}

/** Checks the range after an id. Returns its last id, null when it covers all that follow, where orphaned rows may be. */
async function findInPage(snapshot: Knex.Transaction, check: Check, after: number, limit: number) {
  const some = snapshot(check.by).select('id').where('id', '>', after).orderBy('id').limit(ROWS_A_STATEMENT)
  const { last }: { last: number | null } = await snapshot.from(some.as('some')).max('id AS last').first()
  const range: Range = { after, upTo: last ?? Number.MAX_SAFE_INTEGER }
  return { last, drifts: await check.find(snapshot, range, limit) }
}

type Counts = Verification['checked'] & { verifiedAt: string }

async function counts(snapshot: Knex.Transaction): Promise<Counts> {
  const { query, now } = dialectOf(snapshot)
  const [row] = await query<Counts>(snapshot, {
    sql: `SELECT ${now} AS "verifiedAt", (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM projects) AS projects,
      (SELECT COUNT(*) FROM cost_records) AS records, (SELECT COUNT(*) FROM reservations) AS reservations,
      (SELECT COUNT(*) FROM cost_rollups) AS rollups`,
    bindings: [],
  })
  if (!row) throw new Error('the database did not count its rows')
  return row
}
