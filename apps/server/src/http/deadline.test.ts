import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Project } from '@mgx/contract'
import { openDatabase } from '@mgx/db'
import { startPostgres, type TestDatabase, testDatabases } from '@mgx/db/testing'
import type { Knex } from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { RestError } from '../rest/error.js'
import { type Caller, call } from '../testing/rpc.js'
import { startTestServer } from '../testing/test-server.js'

/** The promise: a response within this time of a call's arrival, whatever the database does. */
const ANSWERED_MILLISECONDS = 10_000
const SILENT_MILLISECONDS = 12_000
/** How late this process may notice a response on a busy machine. */
const eventLoopDelay = monitorEventLoopDelay()
eventLoopDelay.enable()

const ARRIVAL_PAUSE_MILLISECONDS = 500
const SERVED_MILLISECONDS = 5_000

const TrpcError = z.object({ error: z.object({ data: RestError.pick({ reason: true }) }) })

type Answered = { asked: string; milliseconds: number; result: string }

class Calls {
  readonly answered: Answered[] = []
  readonly #pending: Promise<void>[] = []

  readonly caller: Caller
  readonly projectId: number

  constructor(caller: Caller, projectId: number) {
    this.caller = caller
    this.projectId = projectId
  }

  /** Makes one call of each kind without waiting for it. */
  make(round: number): void {
    const { projectId } = this
    const { url, apiKey } = this.caller
    this.#note('record', () => this.record(`key-${round}`))
    this.#note('reserve', () => call(this.caller, 'budgets.reserve', { projectId, amount: '0.001' }))
    this.#note('read', () => call(this.caller, 'costs.list', { projectId }))
    this.#note('create', () => call(this.caller, 'projects.create', { name: 'n', idea: 'i' }))
    this.#note('update', () => call(this.caller, 'projects.update', { id: projectId, name: `n ${round}` }))
    this.#note('authenticate', () => call({ url, apiKey: `never-seen-${round}` }, 'users.me'))
    this.#note('rest', async () => {
      const path = `${url}/api/projects/${projectId}/budget`
      const response = await fetch(path, { headers: { authorization: `Bearer ${apiKey}` } })
      if (!response.ok) throw new Error(`${RestError.parse(await response.json()).reason}: over REST`)
    })
    this.#note('watch', async () => {
      const path = `${url}/trpc/costs.watch?input=${encodeURIComponent(JSON.stringify({ projectId }))}`
      const headers = { authorization: `Bearer ${apiKey}`, accept: 'text/event-stream' }
      const response = await fetch(path, { headers, signal: AbortSignal.timeout(3 * ANSWERED_MILLISECONDS) })
      if (response.ok) await response.body?.cancel()
      else throw new Error(`${TrpcError.parse(await response.json()).error.data.reason}: a stream`)
    })
  }

  record(idempotencyKey: string): Promise<unknown> {
    const { projectId } = this
    const usage = { model: 'm', promptTokens: 1, completionTokens: 1 }
    return call(this.caller, 'costs.record', { projectId, ...usage, totalCost: '0.001', idempotencyKey })
  }

  async done(): Promise<void> {
    await Promise.all(this.#pending)
  }

  #note(asked: string, make: () => Promise<unknown>): void {
    const start = performance.now()
    const end = (result: string) => {
      this.answered.push({ asked, milliseconds: Math.round(performance.now() - start), result })
    }
    this.#pending.push(
      make().then(
        () => end('ok'),
        (error: Error) => end(error.message.split(':')[0] ?? ''),
      ),
    )
  }
}

async function serve(databaseUrl: string): Promise<{ caller: Caller; calls: Calls }> {
  const server = await startTestServer({ databaseUrl })
  onTestFinished(() => server.close())
  const caller = { url: server.url, apiKey: server.adminApiKey }
  const project = Project.parse(await call(caller, 'projects.create', { name: 'n', idea: 'i', investment: '100' }))
  return { caller, calls: new Calls(caller, project.id) }
}

/** Makes calls while the database is silent; some are in flight when the silence begins. */
async function callThrough(calls: Calls, begin: () => unknown, end: () => unknown): Promise<number> {
  let rounds = 0
  const makeUntil = async (until: number) => {
    for (; performance.now() < until; rounds += 1) {
      calls.make(rounds)
      await sleep(ARRIVAL_PAUSE_MILLISECONDS)
    }
  }
  await makeUntil(performance.now() + 4 * ARRIVAL_PAUSE_MILLISECONDS)
  calls.make(rounds++)
  await begin()
  await makeUntil(performance.now() + SILENT_MILLISECONDS)
  await end()
  return rounds
}

/** Expects that every call succeeded or was `unavailable` in time, that retries count once, and that the books balance. */
async function expectPromisesKept(caller: Caller, calls: Calls, rounds: number): Promise<void> {
  const back = performance.now()
  await calls.record('after')
  await call(caller, 'costs.list', { projectId: calls.projectId })
  expect(performance.now() - back).toBeLessThan(SERVED_MILLISECONDS)
  await calls.done()
  const inTime = ANSWERED_MILLISECONDS + eventLoopDelay.max / 1e6
  expect(calls.answered.filter(({ milliseconds }) => milliseconds > inTime)).toEqual([])
  expect(new Set(calls.answered.map(({ result }) => result))).toEqual(new Set(['ok', 'unavailable', 'unauthenticated']))
  for (let round = 0; round < rounds; round += 1) await calls.record(`key-${round}`)
  const total = await call(caller, 'costs.total', { projectId: calls.projectId })
  expect(total).toMatchObject({ records: rounds + 1 })
  expect(await call(caller, 'system.verify')).toMatchObject({ ok: true, drifts: [] })
}

/** Counts our connections that were left inside a transaction. */
async function openTransactions(db: Knex): Promise<number> {
  const { rows } = await db.raw(`SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND (state LIKE 'idle in transaction%' OR xact_start < now() - interval '1 second')`)
  return rows[0].open
}

test('calls are answered in time while PostgreSQL is frozen, and served at once when it resumes', {
  timeout: 90_000,
}, async () => {
  const postgres = await startPostgres()
  onTestFinished(postgres.stop)
  const { caller, calls } = await serve(postgres.url)
  const rounds = await callThrough(calls, postgres.freeze, postgres.thaw)
  await expectPromisesKept(caller, calls, rounds)
  const db = await openDatabase(postgres.url)
  await expect.poll(() => openTransactions(db), { timeout: 3_000 }).toBe(0)
  await db.destroy()
})

/** Starts a transaction with these statements, as another program would. Returns a function that ends it. */
async function otherProgram(url: string, statements: string[]): Promise<() => Promise<void>> {
  const db = await openDatabase(url)
  const connection = await db.client.acquireConnection()
  for (const sql of statements) await db.raw(sql).connection(connection)
  return async () => {
    await db.raw('ROLLBACK').connection(connection)
    await db.client.releaseConnection(connection)
    await db.destroy()
  }
}

const PATIENT = 'SET idle_in_transaction_session_timeout = 0'
const foreignLocks: Record<TestDatabase['name'], [what: string, statements: string[]][]> = {
  sqlite: [['the file', ['BEGIN IMMEDIATE']]],
  postgres: [
    ['a user', [PATIENT, 'BEGIN', 'SELECT * FROM users FOR UPDATE']],
    ['a project', [PATIENT, 'BEGIN', 'SELECT * FROM projects FOR UPDATE']],
    ['a table', [PATIENT, 'BEGIN', 'LOCK TABLE cost_records']],
  ],
}

describe.each(testDatabases)('on $name calls are answered in time', (database) => {
  test.each(foreignLocks[database.name])(
    'while another program holds %s',
    { timeout: 90_000 },
    async (_, statements) => {
      const url = await database.migratedUrl()
      const { caller, calls } = await serve(url)
      let end = async () => {}
      const begin = async () => {
        end = await otherProgram(url, statements)
      }
      await expectPromisesKept(caller, calls, await callThrough(calls, begin, () => end()))
    },
  )
})

test('a verification has no deadline', { timeout: 60_000 }, async () => {
  const [, postgres] = testDatabases
  const url = (await postgres?.migratedUrl()) ?? ''
  const { caller } = await serve(url)
  const end = await otherProgram(url, [PATIENT, 'BEGIN', 'LOCK TABLE cost_records'])
  const verified = call(caller, 'system.verify')
  await sleep(ANSWERED_MILLISECONDS)
  await end()
  expect(await verified).toMatchObject({ ok: true })
})
