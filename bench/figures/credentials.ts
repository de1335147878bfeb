import { addFaults, checkBooks } from '../books.js'
import type { Figure, MeasureFigures } from '../figure.js'
import { inTurn, load, median } from '../load.js'
import { openWorld, type World } from '../world.js'
import { recorder } from './record.js'

const CLIENTS = 64

/** Measures `costs.record` with each other kind of credential against an API key. All are remembered after the first call. */
export const measureCredentials: MeasureFigures = async (database, { seconds, rounds }) => {
  const world = await openWorld(database)
  const credentials = { 'a session': await session(world), 'an access token': await accessToken(world) }
  const figures: Figure[] = []
  for (const [name, credential] of Object.entries(credentials)) {
    const [ours, theirs] = [await side(world, credential), await side(world, world.apiKey)]
    const measured = await inTurn(
      rounds,
      () => load(seconds, CLIENTS, ours.record),
      () => load(seconds, CLIENTS, theirs.record),
    )
    const [our = 0, their = 0] = [measured.ours, measured.theirs].map((loads) =>
      median(loads.map(({ perSecond }) => perSecond)),
    )
    figures.push({
      database: database.name,
      work: `costs.record with ${name}, ${CLIENTS} connections`,
      measured: `${Math.round(our)} records/s`,
      beside: `with an API key: ${Math.round(their)} records/s`,
      ratio: our / their,
      least: 0.9,
      goal: 0.97,
      isCeiling: false,
      faults: addFaults(await ours.check(), await theirs.check()),
    })
  }
  await world.close()
  return figures
}

async function side(world: World, credential: string) {
  const { projectId } = await world.project('9000000')
  const acknowledged: string[] = []
  const record = recorder(world.connect(CLIENTS, credential), projectId, acknowledged)
  return { record, check: () => checkBooks(world.db, projectId, acknowledged) }
}

async function session(world: World): Promise<string> {
  const [connection] = world.connect(1)
  const reply = await connection?.post('sessions.create', '{}')
  return JSON.parse(reply?.body ?? '').result.data.token
}

async function accessToken({ url, apiKey, db }: World): Promise<string> {
  const { id } = await db('api_keys').first('id')
  const client = { grant_type: 'client_credentials', client_id: String(id), client_secret: apiKey }
  const response = await fetch(`${url}/oauth/token`, { method: 'POST', body: new URLSearchParams(client) })
  return ((await response.json()) as { access_token: string }).access_token
}
