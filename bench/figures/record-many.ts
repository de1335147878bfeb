import { addFaults, checkBooks } from '../books.js'
import { type Call, callNumber } from '../calls.js'
import type { MeasureFigures } from '../figure.js'
import { inTurn, load, median } from '../load.js'
import { bulkWriter } from '../peers/bulk.js'
import { openWorld } from '../world.js'

const CLIENTS = 4
const RECORDS = 1_000

/** Measures `costs.recordMany` with 1,000 costs per call against bulk SQL through the driver. */
export const measureRecordMany: MeasureFigures = async (database, { seconds, rounds }) => {
  const world = await openWorld(database)
  const ours = await world.project('9000000')
  const theirs = await world.project('9000000')
  const acknowledged: string[] = []
  const connections = world.connect(CLIENTS)
  const write = bulkWriter(world.db, world.name)
  let number = 0
  const calls = (projectId: number): Call[] => Array.from({ length: RECORDS }, () => callNumber(number++, projectId))

  async function recordMany(client: number): Promise<void> {
    const records = calls(ours.projectId)
    const reply = await connections[client]?.post('costs.recordMany', JSON.stringify({ records }))
    const written = reply?.body.split('"ok":true').length ?? 0
    if (written !== RECORDS + 1) throw new Error(`costs.recordMany returned ${reply?.status}: ${reply?.body}`)
    for (const { idempotencyKey } of records) acknowledged.push(idempotencyKey)
  }
  const measured = await inTurn(
    rounds,
    () => load(seconds, CLIENTS, recordMany),
    () => load(seconds, CLIENTS, () => write(theirs, calls(theirs.projectId))),
  )
  const faults = addFaults(
    await checkBooks(world.db, ours.projectId, acknowledged),
    await checkBooks(world.db, theirs.projectId, []),
  )
  await world.close()
  const our = RECORDS * median(measured.ours.map(({ perSecond }) => perSecond))
  const their = RECORDS * median(measured.theirs.map(({ perSecond }) => perSecond))
  return [
    {
      database: database.name,
      work: `costs.recordMany, ${RECORDS} a call, ${CLIENTS} connections`,
      measured: `${Math.round(our)} records/s`,
      beside: `bulk SQL through the driver: ${Math.round(their)} records/s`,
      ratio: our / their,
      least: 0.5,
      goal: 0.8,
      isCeiling: false,
      faults,
    },
  ]
}
