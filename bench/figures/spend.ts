import { checkBooks } from '../books.js'
import type { MeasureFigures } from '../figure.js'
import { fill } from '../fill.js'
import { inTurn, load, median } from '../load.js'
import { openWorld, type World } from '../world.js'

/** The default page size. */
const ROWS = 50

/** Measures a page of `reports.spend` by day and model against the same GROUP BY over the records. */
export const measureSpend: MeasureFigures = async (database, { seconds, rounds, manyRecords }) => {
  const world = await openWorld(database)
  const account = await world.project('9000000')
  await fill(world, account, manyRecords)
  const [connection] = world.connect(1)
  const json = JSON.stringify({ groupBy: ['day', 'model'], projectId: account.projectId, limit: ROWS })
  let reported = ''
  let grouped: Group[] = []
  const measured = await inTurn(
    rounds,
    () =>
      load(seconds, 1, async () => {
        reported = (await connection?.post('reports.spend', json))?.body ?? ''
      }),
    () =>
      load(seconds, 1, async () => {
        grouped = await groupRecords(world, account.projectId)
      }),
  )
  const items: Group[] = JSON.parse(reported).result.data.items
  const isSame = items.length === ROWS && items.every(({ records }, row) => records === Number(grouped[row]?.records))
  const faults = await checkBooks(world.db, account.projectId, [])
  await world.close()
  const our = median(measured.ours.map(({ p50 }) => p50))
  const their = median(measured.theirs.map(({ p50 }) => p50))
  return [
    {
      database: database.name,
      work: `reports.spend by day and model, ${manyRecords} records`,
      measured: `${our.toFixed(2)} ms`,
      beside: `GROUP BY over the records: ${their.toFixed(1)} ms`,
      ratio: our / their,
      least: 1 / 50,
      goal: 1 / 500,
      isCeiling: true,
      faults: isSame ? faults : { ...faults, drifted: 1 },
    },
  ]
}

type Group = { records?: number | string }

async function groupRecords({ db, name }: World, projectId: number): Promise<Group[]> {
  const day = name === 'postgres' ? `CAST(created_at AT TIME ZONE 'UTC' AS date)` : 'substr(created_at, 1, 10)'
  return db('cost_records')
    .select({ day: db.raw(day) }, 'model')
    .count({ records: '*' })
    .sum({ promptTokens: 'promptTokens', completionTokens: 'completionTokens', totalCost: 'totalCost' })
    .where({ projectId })
    .groupByRaw('1, 2')
    .orderByRaw('1, 2')
    .limit(ROWS)
}
