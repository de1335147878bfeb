import type { Drift, Verification } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import type { Check, Range } from './comparison.js'
import { links } from './links.js'
import { rollupSums } from './rollups.js'
import { projectTotals, userTotals } from './totals.js'

/** How many projects or users one statement covers. */
const ROWS_A_STATEMENT = 500

/**
 * Verifies the books: project totals against cost records and holds, user totals against projects, rollups against cost
 * records, and the links between holds and cost records. Reads one snapshot, so calls in progress cause no drift, and
 * takes no lock (see `withSnapshot`). Lists at most `maxDrifts` drifts and corrects nothing.
 */
export function verifyLedger(db: Knex, { maxDrifts }: { maxDrifts: number }): Promise<Verification> {
  return dialectOf(db).withSnapshot(db, async (snapshot) => {
    const { verifiedAt, ...checked } = await counts(snapshot)
    const checks = [projectTotals, userTotals, rollupSums(dialectOf(snapshot)), ...links]
    const drifts: Drift[] = []
    for (const check of checks) drifts.push(...(await firstDrifts(snapshot, check, maxDrifts + 1 - drifts.length)))
    return {
      ok: drifts.length === 0,
      verifiedAt,
      checked,
      drifts: drifts.slice(0, maxDrifts),
      hasMore: drifts.length > maxDrifts,
    }
  })
}

async function firstDrifts(snapshot: Knex.Transaction, check: Check, most: number): Promise<Drift[]> {
  const drifts: Drift[] = []
  for await (const range of ranges(snapshot, check.by)) {
    if (drifts.length >= most) break
    drifts.push(...(await check.find(snapshot, range, most - drifts.length)))
  }
  return drifts
}

/** Yields ranges that together cover every id, including ids past the last row, where orphaned rows may be. */
async function* ranges(snapshot: Knex.Transaction, table: string): AsyncGenerator<Range> {
  for (let after = 0; ; ) {
    const some = snapshot(table).select('id').where('id', '>', after).orderBy('id').limit(ROWS_A_STATEMENT)
    const { last }: { last: number | null } = await snapshot.from(some.as('some')).max('id AS last').first()
    yield { after, upTo: last ?? Number.MAX_SAFE_INTEGER }
    if (last === null) return
    after = last
  }
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
