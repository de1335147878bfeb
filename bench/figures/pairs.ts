import { addFaults, checkBooks, type Faults } from '../books.js'
import { callNumber } from '../calls.js'
import type { Connection } from '../connection.js'
import type { MeasureFigures } from '../figure.js'
import { inTurn, load, median } from '../load.js'
import { pairWithKnex } from '../peers/knex-pair.js'
import { openWorld, type World } from '../world.js'

const CLIENTS = 50
const CROWD = 200
const AMOUNT = '0.01'
const AMOUNT_NANO = 10_000_000

/** Measures reserve + settle on one budget against Knex with two locked transactions, and latency with more clients. */
export const measurePairs: MeasureFigures = async (database, { seconds, rounds }) => {
  const world = await openWorld(database)
  const ours = await world.project('9000000')
  const theirs = await world.project('9000000')
  const settled: number[] = []
  const pair = pairer(world.connect(CLIENTS), ours.projectId, settled)
  let number = 0
  const beside = await inTurn(
    rounds,
    () => load(seconds, CLIENTS, pair),
    () =>
      load(seconds, CLIENTS, () => pairWithKnex(world.db, theirs, AMOUNT_NANO, callNumber(number++, theirs.projectId))),
  )
  // Opened only now, because the server closes idle connections.
  const crowdsPair = pairer(world.connect(CROWD), ours.projectId, settled)
  const crowd = await inTurn(
    rounds,
    () => load(seconds, CROWD, crowdsPair),
    () => load(seconds, CLIENTS, pair),
  )
  const faults = [
    await checkBooks(world.db, ours.projectId, settled, { isBudgetKept: true }),
    await checkBooks(world.db, theirs.projectId, []),
    await squeeze(world),
  ].reduce(addFaults)
  await world.close()
  const our = median(beside.ours.map(({ perSecond }) => perSecond))
  const their = median(beside.theirs.map(({ perSecond }) => perSecond))
  const crowdP99 = median(crowd.ours.map(({ p99 }) => p99))
  const p99 = median(crowd.theirs.map((each) => each.p99))
  return [
    {
      database: database.name,
      work: `reserve + settle on one budget, ${CLIENTS} clients`,
      measured: `${Math.round(our)} pairs/s`,
      beside: `Knex, two locked transactions a pair: ${Math.round(their)} pairs/s`,
      ratio: our / their,
      least: 4,
      goal: 8,
      isCeiling: false,
      faults,
    },
    {
      database: database.name,
      work: `the same, ${CROWD} clients`,
      measured: `p99 of a pair ${crowdP99.toFixed(1)} ms`,
      beside: `${CLIENTS} clients: p99 ${p99.toFixed(1)} ms`,
      ratio: crowdP99 / p99,
      least: 5,
      goal: 4,
      isCeiling: true,
      faults,
    },
  ]
}

/** Returns work that reserves and settles once per call and remembers the acknowledged settlements. */
function pairer(connections: Connection[], projectId: number, settled: number[]): (client: number) => Promise<void> {
  let number = 0
  return async (client) => {
    const { idempotencyKey, projectId: _, actionType, ...usage } = callNumber(number++, projectId)
    const hold = JSON.stringify({ projectId, amount: AMOUNT, idempotencyKey })
    const reserved = await connections[client]?.post('budgets.reserve', hold)
    if (reserved?.status !== 200) throw new Error(`budgets.reserve returned ${reserved?.status}: ${reserved?.body}`)
    const reservationId: number = JSON.parse(reserved.body).result.data.reservation.id
    const reply = await connections[client]?.post(
      'budgets.settle',
      JSON.stringify({ reservationId, actionType, ...usage }),
    )
    if (reply?.status !== 200) throw new Error(`budgets.settle returned ${reply?.status}: ${reply?.body}`)
    settled.push(reservationId)
  }
}

/** Requests twice the budget at once and checks that exactly the budget is admitted. */
async function squeeze(world: World): Promise<Faults> {
  const { projectId } = await world.project('5')
  const admitted = Number(5 / Number(AMOUNT))
  const json = JSON.stringify({ projectId, amount: AMOUNT })
  const replies = await Promise.all(
    world.connect(CLIENTS).map(async (connection) => {
      const statuses: number[] = []
      for (let call = 0; call < (2 * admitted) / CLIENTS; call += 1) {
        statuses.push((await connection.post('budgets.reserve', json)).status)
      }
      return statuses
    }),
  )
  const answered = replies.flat().filter((status) => status === 200).length
  const faults = await checkBooks(world.db, projectId, [], { isBudgetKept: true })
  return {
    ...faults,
    overspent: faults.overspent + Math.max(0, answered - admitted),
    lost: Math.max(0, admitted - answered),
  }
}
