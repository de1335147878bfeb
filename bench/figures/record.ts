import { addFaults, checkBooks } from '../books.js'
import { callNumber } from '../calls.js'
import type { Connection } from '../connection.js'
import type { MeasureFigures } from '../figure.js'
import { inTurn, load, median } from '../load.js'
import { recordWithKnex } from '../peers/knex-record.js'
import { openWorld } from '../world.js'

const CLIENTS = 64

/** Measures `costs.record`, one call per request on one project, against Knex with one transaction per call. */
export const measureRecord: MeasureFigures = async (database, { seconds, rounds }) => {
  const world = await openWorld(database)
  const ours = await world.project('9000000')
  const theirs = await world.project('9000000')
  const acknowledged: string[] = []
  const record = recorder(world.connect(CLIENTS), ours.projectId, acknowledged)
  let number = 0
  const measured = await inTurn(
    rounds,
    () => load(seconds, CLIENTS, record),
    () => load(seconds, CLIENTS, () => recordWithKnex(world.db, theirs, callNumber(number++, theirs.projectId))),
  )
  const faults = addFaults(
    await checkBooks(world.db, ours.projectId, acknowledged),
    await checkBooks(world.db, theirs.projectId, []),
  )
  await world.close()
  const our = median(measured.ours.map(({ perSecond }) => perSecond))
  const their = median(measured.theirs.map(({ perSecond }) => perSecond))
  const p99 = median(measured.ours.map((each) => each.p99))
  return [
    {
      database: database.name,
      work: `costs.record, one project, ${CLIENTS} connections`,
      measured: `${Math.round(our)} records/s, p99 ${p99.toFixed(1)} ms`,
      beside: `Knex, a transaction a call: ${Math.round(their)} records/s`,
      ratio: our / their,
      least: 5,
      goal: 12,
      isCeiling: false,
      faults,
    },
  ]
}

/** Returns work that records one cost per call over these connections and remembers the acknowledged keys. */
export function recorder(
  connections: Connection[],
  projectId: number,
  acknowledged: string[],
): (client: number) => Promise<void> {
  let number = 0
  return async (client) => {
    const call = callNumber(number++, projectId)
    const reply = await connections[client]?.post('costs.record', JSON.stringify(call))
    if (reply?.status !== 200) throw new Error(`costs.record returned ${reply?.status}: ${reply?.body}`)
    acknowledged.push(call.idempotencyKey)
  }
}
