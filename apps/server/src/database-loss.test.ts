import { setTimeout as sleep } from 'node:timers/promises'
import { CostTotal, Project, RecordedCost } from '@mgx/contract'
import { openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { expect, test } from 'vitest'
import { call } from './testing/rpc.js'
import { emptyFolder, printedKey, startServer } from './testing/server-process.js'

const CALLERS = 24
const LOAD_MILLISECONDS = 3_000

/** Makes a call until it is answered; the same idempotency key every time. */
async function insist(server: { url: string; apiKey: string }, input: object): Promise<RecordedCost> {
  for (;;) {
    try {
      return RecordedCost.parse(await call(server, 'costs.record', input))
    } catch (error) {
      if (!/^unavailable: /.test((error as Error).message)) throw error
      await sleep(20)
    }
  }
}

test.each(testDatabases.filter(({ name }) => name === 'postgres'))(
  'connections that are cut under load lose and double nothing, and every failure is unavailable',
  async (database) => {
    const databaseUrl = await database.url()
    const { url, ...server } = await startServer(emptyFolder(), { DATABASE_URL: databaseUrl, MGX_SEED: 'false' })
    const caller = { url, apiKey: printedKey(server) ?? '' }
    const { id } = Project.parse(await call(caller, 'projects.create', { name: 'n', idea: 'i' }))
    const db = await openDatabase(databaseUrl)
    let running = true
    const recorded: RecordedCost[] = []
    const load = Array.from({ length: CALLERS }, async (_, index) => {
      for (let round = 0; running; round += 1) {
        const tokens = { model: 'm', promptTokens: 1, completionTokens: 1 }
        const input = { projectId: id, ...tokens, totalCost: '0.001', idempotencyKey: `${index}-${round}` }
        recorded.push(await insist(caller, input))
      }
    })
    const until = performance.now() + LOAD_MILLISECONDS
    while (performance.now() < until) {
      await sleep(100 + Math.random() * 200)
      await db.raw(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'mgx'`)
    }
    running = false
    await Promise.all(load)

    const rows = await db('cost_records').where({ projectId: id })
    expect(new Set(rows.map((row) => row.id))).toEqual(new Set(recorded.map(({ record }) => record.id)))
    expect(rows).toHaveLength(recorded.length)
    expect(CostTotal.parse(await call(caller, 'costs.total', { projectId: id })).records).toBe(recorded.length)
    const project = await db('projects').where({ id }).first()
    expect(project.totalCost).toBe(recorded.length * 1_000_000)
    await db.destroy()
  },
)
