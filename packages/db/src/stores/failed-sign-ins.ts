import type { FailedSignIns, ListFailedSignInsInput, Page } from '@mgx/contract'
import type { Knex } from 'knex'
import { type Columns, sourceOf } from '../dialect/columns.js'
import { dialectOf, readClock } from '../dialect/dialect.js'
import { firstRows, toPage } from '../page.js'

const KEPT_SECONDS = 90 * 86_400
/** The most old rows that one call deletes. */
const MOST_DELETED = 5_000

type Counted = FailedSignIns

const countedColumns: Columns<Counted> = {
  address: ['text', ({ address }) => address],
  hour: ['instant', ({ hour }) => hour],
  count: ['integer', ({ count }) => count],
}

/** Adds these counts to those of their addresses in the current hour, and deletes the counts of 90 days ago and earlier. */
export async function countFailedSignIns(db: Knex, counts: ReadonlyMap<string, number>): Promise<void> {
  await db.transaction(async (trx) => {
    const { query, later, lockFreeRows } = dialectOf(trx)
    const hour = `${(await readClock(trx)).slice(0, 'YYYY-MM-DDTHH'.length)}:00:00.000Z`
    const counted = [...counts].map(([address, count]) => ({ address, hour, count }))
    const source = sourceOf(trx, 'counted', countedColumns, counted)
    await query(trx, {
      // Sorted, so that all servers lock the rows in the same order. SQLite's grammar needs the WHERE true.
      sql: `INSERT INTO failed_sign_ins (address, hour, count)
        SELECT address, hour, count FROM ${source.sql} WHERE true ORDER BY address
        ON CONFLICT (hour, address) DO UPDATE SET count = failed_sign_ins.count + excluded.count`,
      bindings: source.bindings,
    })
    await query(trx, {
      // Waiting for rows that another server deletes at the same time could deadlock.
      sql: `DELETE FROM failed_sign_ins WHERE id IN (
        SELECT id FROM failed_sign_ins WHERE hour < ${later} ORDER BY hour LIMIT ${MOST_DELETED}
        ${lockFreeRows('failed_sign_ins')})`,
      bindings: [-KEPT_SECONDS],
    })
  })
}

type Row = Counted & { id: number }

/** Returns a page of the counts of wrong credentials by address and hour, newest hour first. */
export async function listFailedSignIns(db: Knex, input: ListFailedSignInsInput): Promise<Page<FailedSignIns>> {
  const { from, to } = input
  const query = db('failed_sign_ins').select()
  if (from !== undefined) query.where('hour', '>=', from)
  if (to !== undefined) query.where('hour', '<', to)
  // Rows are added in the order of their hours.
  const rows: Row[] = await firstRows(query, input)
  const { items, nextCursor } = toPage(rows, input, ({ id }) => id)
  return { items: items.map(({ address, hour, count }) => ({ address, hour, count: Number(count) })), nextCursor }
}
