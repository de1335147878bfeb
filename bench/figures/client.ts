import { addFaults, checkBooks } from '../books.js'
import { type Call, callNumber } from '../calls.js'
import type { MeasureFigures } from '../figure.js'
import { inTurn, load, median } from '../load.js'
import { openWorld, type World } from '../world.js'

const CALLERS = 32

/** The built package, as services install it. */
const BUILT = new URL('../../packages/client/dist/index.js', import.meta.url).href
type Client = typeof import('../../packages/client/src/index.js')

type Record = (call: Call) => PromiseLike<unknown>

/** Measures `costs.record` through the client against a bare `fetch`, and batched calls against unbatched ones. */
export const measureClient: MeasureFigures = async (database, { seconds, rounds }) => {
  const { createMgxClient }: Client = await import(BUILT)
  const world = await openWorld(database)
  const { url, apiKey } = world
  const alone = createMgxClient({ url, apiKey, batch: false })
  const together = createMgxClient({ url, apiKey })
  const compare = async (ours: Record, theirs: Record) => {
    const [our, their] = [await recorder(world, ours), await recorder(world, theirs)]
    const measured = await inTurn(
      rounds,
      () => load(seconds, CALLERS, our.record),
      () => load(seconds, CALLERS, their.record),
    )
    return {
      our: median(measured.ours.map(({ perSecond }) => perSecond)),
      their: median(measured.theirs.map(({ perSecond }) => perSecond)),
      faults: addFaults(await our.check(), await their.check()),
    }
  }
  const overFetch = await compare((call) => alone.costs.record(call), fetchRecord(world))
  const coalesced = await compare(
    (call) => together.costs.record(call),
    (call) => alone.costs.record(call),
  )
  await world.close()
  return [
    {
      database: database.name,
      work: `costs.record through the client, ${CALLERS} at once, each in a request`,
      measured: `${(1e6 / overFetch.our).toFixed(0)} µs a call`,
      beside: `bare fetch: ${(1e6 / overFetch.their).toFixed(0)} µs`,
      ratio: overFetch.their / overFetch.our,
      least: 1.3,
      goal: 1.15,
      isCeiling: true,
      faults: overFetch.faults,
    },
    {
      database: database.name,
      work: `costs.record through the client, ${CALLERS} at once, those of a tick in one request`,
      measured: `${Math.round(coalesced.our)} records/s`,
      beside: `each in a request: ${Math.round(coalesced.their)} records/s`,
      ratio: coalesced.our / coalesced.their,
      least: 2,
      goal: 3,
      isCeiling: false,
      faults: coalesced.faults,
    },
  ]
}

/** Creates a project, records one cost in it per call, and remembers the acknowledged keys. */
async function recorder(world: World, record: Record) {
  const { projectId } = await world.project('9000000')
  const acknowledged: string[] = []
  let number = 0
  return {
    async record() {
      const call = callNumber(number++, projectId)
      await record(call)
      acknowledged.push(call.idempotencyKey)
    },
    check: () => checkBooks(world.db, projectId, acknowledged),
  }
}

/** Sends the client's request with the least code that reads the response. */
function fetchRecord({ url, apiKey }: World): Record {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  return async (call) => {
    const response = await fetch(`${url}/trpc/costs.record`, { method: 'POST', headers, body: JSON.stringify(call) })
    const { result } = (await response.json()) as { result?: { data: unknown } }
    if (!result) throw new Error(`costs.record returned ${response.status}`)
    return result.data
  }
}
