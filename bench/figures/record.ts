import { addFaults, checkBooks } from '../books.js'
import { callNumber } from '../calls.js'
import type { Connection } from '../connection.js'
import type { MeasureFigures } from '../figure.js'
import { inTurn, load, median } from '../load.js'
import { recordWithKnex } from '../peers/knex-record.js'
import { openWorld } from '../world.js'

const CLIENTS = 64

/** Measures `costs.record`, one call per request on one project, against Knex with one transaction per call, and priced by the server. */
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
  const priced = await world.project('9000000')
  const pricedKeys: string[] = []
  const recordPriced = recorder(world.connect(CLIENTS), priced.projectId, pricedKeys, { isPriced: true })
  // Connects again, because the server closes idle connections.
  const recordGiven = recorder(world.connect(CLIENTS), ours.projectId, acknowledged)
  const pricing = await inTurn(
    rounds,
    () => load(seconds, CLIENTS, recordPriced),
    () => load(seconds, CLIENTS, recordGiven),
  )
  const faults = [
    await checkBooks(world.db, ours.projectId, acknowledged),
    await checkBooks(world.db, theirs.projectId, []),
    await checkBooks(world.db, priced.projectId, pricedKeys),
  ].reduce(addFaults)
  await world.close()
  const our = median(measured.ours.map(({ perSecond }) => perSecond))
  const their = median(measured.theirs.map(({ perSecond }) => perSecond))
  const p99 = median(measured.ours.map((each) => each.p99))
  const [pricedRate = 0, givenRate = 0] = [pricing.ours, pricing.theirs].map((loads) =>
    median(loads.map(({ perSecond }) => perSecond)),
  )
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
    {
      database: database.name,
      work: 'the same, priced by the server',
      measured: `${Math.round(pricedRate)} records/s`,
      beside: `with the cost in the call: ${Math.round(givenRate)} records/s`,
      ratio: pricedRate / givenRate,
      least: 0.85,
      goal: 0.95,
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
  { isPriced = false } = {},
): (client: number) => Promise<void> {
  let number = 0
  return async (client) => {
    const call = callNumber(number++, projectId)
    const { totalCost: _, ...unpriced } = call
    const reply = await connections[client]?.post('costs.record', JSON.stringify(isPriced ? unpriced : call))
    if (reply?.status !== 200) throw new Error(`costs.record returned ${reply?.status}: ${reply?.body}`)
    acknowledged.push(call.idempotencyKey)
  }
}
