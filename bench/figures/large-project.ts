import { addFaults, checkBooks } from '../books.js'
import type { MeasureFigures } from '../figure.js'
import { fill } from '../fill.js'
import { inTurn, load, median } from '../load.js'
import { openWorld } from '../world.js'
import { recorder } from './record.js'

const CLIENTS = 64
const FEW_RECORDS = 1_000

/** Measures `costs.record` on a project with a million records against one with a thousand. */
export const measureLargeProject: MeasureFigures = async (database, { seconds, rounds, manyRecords }) => {
  const sides = []
  for (const records of [manyRecords, FEW_RECORDS]) {
    const world = await openWorld(database)
    const account = await world.project('9000000')
    await fill(world, account, records)
    const acknowledged: string[] = []
    const work = recorder(world.connect(CLIENTS), account.projectId, acknowledged)
    sides.push({ world, account, acknowledged, run: () => load(seconds, CLIENTS, work) })
  }
  const [large, small] = sides
  if (!large || !small) throw new Error('two sides are measured')
  const measured = await inTurn(rounds, large.run, small.run)
  const faults = addFaults(
    await checkBooks(large.world.db, large.account.projectId, large.acknowledged),
    await checkBooks(small.world.db, small.account.projectId, small.acknowledged),
  )
  for (const { world } of sides) await world.close()
  const our = median(measured.ours.map(({ perSecond }) => perSecond))
  const their = median(measured.theirs.map(({ perSecond }) => perSecond))
  return [
    {
      database: database.name,
      work: `costs.record in a project with ${manyRecords} records`,
      measured: `${Math.round(our)} records/s`,
      beside: `with ${FEW_RECORDS}: ${Math.round(their)} records/s`,
      ratio: our / their,
      least: 0.8,
      goal: 0.95,
      isCeiling: false,
      faults,
    },
  ]
}
