import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../packages/db/src/database.js'
import { checkBooks } from '../books.js'
import { openConnection } from '../connection.js'
import type { MeasureFigures } from '../figure.js'
import { fill } from '../fill.js'
import { inTurn, load, median } from '../load.js'
import { startServer } from '../server.js'
import { recorder } from './record.js'

const CLIENTS = 16
const WARM_UP_SECONDS = 1

/** Measures `costs.record` in a large ledger while the server verifies it all the time, against the same server not verifying. */
export const measureVerification: MeasureFigures = async (database, { seconds, rounds, manyRecords }) => {
  const databaseUrl = await database.fresh()
  const first = await startServer(databaseUrl)
  const connection = openConnection(first.url, first.apiKey)
  const project = { name: `Bench ${randomUUID()}`, idea: 'Measure', investment: '9000000' }
  const reply = await connection.post('projects.create', JSON.stringify(project))
  const { id: projectId, userId } = JSON.parse(reply.body).result.data
  connection.close()
  await first.stop()
  const db = await openDatabase(databaseUrl)
  await fill({ db, name: database.name }, { projectId, userId }, manyRecords)

  const acknowledged: string[] = []
  const recording = async (verifyEvery: 'off' | '1s') => {
    // A server that was stopped while it verified keeps its claim for a while.
    await db('ledger_verifications').update({ claimedBy: null, claimedUntil: null })
    const server = await startServer(databaseUrl, { MGX_VERIFY_EVERY: verifyEvery })
    const connections = Array.from({ length: CLIENTS }, () => openConnection(server.url, server.apiKey))
    const record = recorder(connections, projectId, acknowledged)
    await load(WARM_UP_SECONDS, CLIENTS, record)
    const isVerifying = async () => (await db('ledger_verifications').whereNotNull('claimedBy')).length > 0
    while (verifyEvery !== 'off' && !(await isVerifying())) await sleep(50)
    const measured = await load(seconds, CLIENTS, record)
    for (const each of connections) each.close()
    await server.stop()
    return measured
  }
  const measured = await inTurn(
    rounds,
    () => recording('1s'),
    () => recording('off'),
  )
  const faults = await checkBooks(db, projectId, acknowledged)
  await db.destroy()
  const [ours = [], theirs = []] = [measured.ours, measured.theirs].map((loads) => loads.map(({ p99 }) => p99))
  return [
    {
      database: database.name,
      work: `p99 of costs.record, ${CLIENTS} connections, while ${manyRecords} records are verified`,
      measured: `${median(ours).toFixed(1)} ms`,
      beside: `not verified: ${median(theirs).toFixed(1)} ms`,
      ratio: median(ours) / median(theirs),
      least: 1.5,
      goal: 1.2,
      isCeiling: true,
      faults,
    },
  ]
}
