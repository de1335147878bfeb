import { randomBytes } from 'node:crypto'
import { createMetrics } from '../../apps/server/src/metrics/metrics.js'
import { appRouter, argon2Proofs, createContext, createServices } from '../../packages/api/src/index.js'
import { migrateLatest, openDatabase } from '../../packages/db/src/index.js'
import { checkBooks } from '../books.js'
import { callNumber } from '../calls.js'
import type { MeasureFigures } from '../figure.js'
import { inTurn, load, median } from '../load.js'

const CLIENTS = 64

/** Measures `costs.record` in this process, without HTTP, with the metrics of the server against without any. */
export const measureMetrics: MeasureFigures = async (database, { seconds, rounds }) => {
  const db = await openDatabase(await database.fresh())
  await migrateLatest(db)
  const metrics = createMetrics()
  const apiKey = randomBytes(24).toString('hex')
  const options = {
    db,
    secrets: { current: randomBytes(32).toString('hex') },
    proofs: argon2Proofs,
    issuer: 'http://mgx.bench',
    version: '0.0.0-bench',
    logInternal: console.error,
    logUnavailable: console.error,
  }
  const observed = createServices({ ...options, observer: metrics.observer })
  const plain = createServices(options)
  metrics.show(observed)
  await observed.credentials.ensureAdmin(apiKey)
  const callerOf = (services: typeof plain) =>
    appRouter.createCaller(() =>
      createContext(services, { authorization: `Bearer ${apiKey}`, address: null, requestId: 'bench' }),
    )
  const { id: projectId } = await callerOf(plain).projects.create({
    name: 'Bench',
    idea: 'Measure',
    investment: '9000000',
  })
  const acknowledged: string[] = []
  let number = 0
  const recorder = (caller: ReturnType<typeof callerOf>) => async () => {
    const call = callNumber(number++, projectId)
    await caller.costs.record({ ...call, cachedPromptTokens: 0 })
    acknowledged.push(call.idempotencyKey)
  }
  const [ours, theirs] = [recorder(callerOf(observed)), recorder(callerOf(plain))]
  const measured = await inTurn(
    rounds,
    () => load(seconds, CLIENTS, ours),
    () => load(seconds, CLIENTS, theirs),
  )
  const faults = await checkBooks(db, projectId, acknowledged)
  await db.destroy()
  const [our = 0, their = 0] = [measured.ours, measured.theirs].map((loads) =>
    median(loads.map(({ perSecond }) => perSecond)),
  )
  return [
    {
      database: database.name,
      work: `costs.record in one process with metrics, ${CLIENTS} callers`,
      measured: `${Math.round(our)} records/s`,
      beside: `without metrics: ${Math.round(their)} records/s`,
      ratio: our / their,
      least: 0.97,
      goal: 0.99,
      isCeiling: false,
      faults,
    },
  ]
}
