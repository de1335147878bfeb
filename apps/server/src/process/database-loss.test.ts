import { setTimeout as sleep } from 'node:timers/promises'
import { CostTotal, Project, RecordedCost } from '@mgx/contract'
import { openDatabase } from '@mgx/db'
import { failingWrites, startPostgres, testDatabases } from '@mgx/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, printedKey, startServer } from '../testing/server-process.js'

const CALLERS = 24
const LOAD_MILLISECONDS = 3_000
const CRASHES = 5
const WRITES = 40
/** How soon a call succeeds after the database is back. */
const SERVED_MILLISECONDS = 5_000

type Load = {
  /** The response to each call, by its idempotency key. */
  readonly answers: Map<string, RecordedCost>
  /** Resolves when every caller has its last response. */
  stop(): Promise<void>
}

async function startWithProject(
  databaseUrl: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ caller: Caller; projectId: number }> {
  const { url, ...server } = await startServer(emptyFolder(), { DATABASE_URL: databaseUrl, MGX_SEED: 'false', ...env })
  const caller = { url, apiKey: printedKey(server) ?? '' }
  return { caller, projectId: Project.parse(await call(caller, 'projects.create', { name: 'n', idea: 'i' })).id }
}

/** Retries a call until it succeeds; throws any failure that is not `unavailable`. */
async function insist(caller: Caller, procedure: string, input: object): Promise<unknown> {
  for (;;) {
    try {
      return await call(caller, procedure, input)
    } catch (error) {
      if (!/^unavailable: /.test((error as Error).message)) throw error
      await sleep(20)
    }
  }
}

/** Records a cost; retries use the same idempotency key. */
async function record(caller: Caller, projectId: number, idempotencyKey: string): Promise<RecordedCost> {
  const cost = { projectId, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.001', idempotencyKey }
  return RecordedCost.parse(await insist(caller, 'costs.record', cost))
}

/** Starts callers that alternate between recording a cost and reading. */
function startLoad(caller: Caller, projectId: number): Load {
  let running = true
  const answers = new Map<string, RecordedCost>()
  const callers = Promise.all(
    Array.from({ length: CALLERS }, async (_, index) => {
      for (let round = 0; running; round += 1) {
        const key = `${index}-${round}`
        answers.set(key, await record(caller, projectId, key))
        await insist(caller, 'budgets.get', { projectId })
      }
    }),
  )
  // `stop` throws a caller's failure.
  callers.catch(() => {})
  return {
    answers,
    async stop() {
      running = false
      await callers
    },
  }
}

/** Expects every acknowledged call once, the same response when it is repeated, and no drift. */
async function expectBooksToBalance(
  databaseUrl: string,
  caller: Caller,
  projectId: number,
  answers: Load['answers'],
): Promise<void> {
  const askAgain = async ([key, answer]: [string, RecordedCost]) =>
    expect((await record(caller, projectId, key)).record).toEqual(answer.record)
  await Promise.all([...answers].map(askAgain))
  const db = await openDatabase(databaseUrl)
  const rows = await db('cost_records').where({ projectId })
  const project = await db('projects').where({ id: projectId }).first()
  await db.destroy()
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set([...answers.values()].map(({ record }) => record.id)))
  expect(rows).toHaveLength(answers.size)
  expect(project.totalCost).toBe(answers.size * 1_000_000)
  expect(CostTotal.parse(await call(caller, 'costs.total', { projectId })).records).toBe(answers.size)
  expect(await call(caller, 'system.verify')).toMatchObject({ ok: true, checked: { records: rows.length }, drifts: [] })
}

test.each(testDatabases.filter(({ name }) => name === 'postgres'))(
  'connections that are cut under load lose and double nothing, and every failure is unavailable',
  { timeout: 120_000 },
  async (database) => {
    const databaseUrl = await database.migratedUrl()
    const { caller, projectId } = await startWithProject(databaseUrl)
    const load = startLoad(caller, projectId)
    const db = await openDatabase(databaseUrl)
    const until = performance.now() + LOAD_MILLISECONDS
    while (performance.now() < until) {
      await sleep(100 + Math.random() * 200)
      await db.raw(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'mgx'`)
    }
    await db.destroy()
    await load.stop()
    await expectBooksToBalance(databaseUrl, caller, projectId, load.answers)
  },
)

test('a PostgreSQL that crashes under load and comes back loses and doubles nothing, and is used again at once', {
  timeout: 120_000,
}, async () => {
  const postgres = await startPostgres({ durable: true })
  onTestFinished(postgres.stop)
  const { caller, projectId } = await startWithProject(postgres.url)
  const load = startLoad(caller, projectId)
  for (let crash = 1; crash <= CRASHES; crash += 1) {
    const before = load.answers.size
    await expect.poll(() => load.answers.size, { interval: 1, timeout: 10_000 }).toBeGreaterThan(before + CALLERS)
    await sleep(Math.random() * 300)
    await postgres.crash()
    for (const procedure of ['budgets.get', 'costs.list', 'costs.total']) {
      await expect(call(caller, procedure, { projectId })).rejects.toThrow(/^unavailable: /)
    }
    await postgres.restart()
    const back = performance.now()
    await insist(caller, 'budgets.get', { projectId })
    load.answers.set(`crash-${crash}`, await record(caller, projectId, `crash-${crash}`))
    expect(performance.now() - back).toBeLessThan(SERVED_MILLISECONDS)
  }
  await load.stop()
  await expectBooksToBalance(postgres.url, caller, projectId, load.answers)
})

const faults = failingWrites()
if (faults) {
  test('a write to the file that fails under load loses and doubles nothing, and the next calls are served', {
    timeout: 120_000,
  }, async () => {
    onTestFinished(faults.remove)
    const databaseUrl = `sqlite:${emptyFolder()}/ledger.db`
    const { caller, projectId } = await startWithProject(databaseUrl, faults.env)
    const load = startLoad(caller, projectId)
    for (let n = 1; n <= WRITES; n += 1) {
      faults.fail(n)
      await expect.poll(faults.isPending, { interval: 1, timeout: 10_000 }).toBe(false)
      const failed = performance.now()
      load.answers.set(`write-${n}`, await record(caller, projectId, `write-${n}`))
      expect(performance.now() - failed).toBeLessThan(SERVED_MILLISECONDS)
    }
    await load.stop()
    await expectBooksToBalance(databaseUrl, caller, projectId, load.answers)
  })
}
