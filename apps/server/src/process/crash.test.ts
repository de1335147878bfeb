import { setTimeout as sleep } from 'node:timers/promises'
import { CostRecord, CostTotal, formatUsd, Project, parseUsd, RecordedCost } from '@mgx/contract'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, printedKey, type ServerProcess, startServer } from '../testing/server-process.js'

/** How often the server of each database is killed; `npm run torture` does it a thousand times. */
const KILLS = 10
/** How soon a restarted server responds to its first request. */
const SERVED_MILLISECONDS = 5_000
const CALLERS = 32

type Calls = {
  /** The cost of each call, by its idempotency key. */
  readonly sent: Map<string, string>
  /** The record of each acknowledged call, by its idempotency key. */
  readonly acknowledged: Map<string, CostRecord>
  /** Sends a call, or sends it again; returns whether there was a response. */
  send(caller: Caller, key: string): Promise<boolean>
  /** Runs callers that record one cost after another until the server is gone. */
  burst(caller: Caller): Promise<void>
}

/** Calls with different costs. The key of each is also its action, so that a record shows its call. */
function callsTo(projectId: number): Calls {
  const sent = new Map<string, string>()
  const acknowledged = new Map<string, CostRecord>()

  async function send(caller: Caller, key: string): Promise<boolean> {
    const totalCost = sent.get(key) ?? formatUsd(BigInt(sent.size + 1) * 1_000_001n)
    sent.set(key, totalCost)
    const input = { projectId, model: 'gpt-4o', promptTokens: 10, completionTokens: 5, totalCost, actionType: key }
    let reply: unknown
    try {
      reply = await call(caller, 'costs.record', { ...input, idempotencyKey: key })
    } catch (error) {
      // fetch throws a TypeError when there is no response.
      if (error instanceof TypeError) return false
      throw error
    }
    const { record } = RecordedCost.parse(reply)
    expect(acknowledged.get(key) ?? record).toEqual(record)
    acknowledged.set(key, record)
    return true
  }

  async function burst(caller: Caller): Promise<void> {
    const untilGone = async () => {
      while (await send(caller, `call-${sent.size}`));
    }
    await Promise.all(Array.from({ length: CALLERS }, untilGone))
  }

  return { sent, acknowledged, send, burst }
}

async function allRecords(caller: Caller, projectId: number): Promise<CostRecord[]> {
  const Page = z.object({ items: z.array(CostRecord), nextCursor: z.string().nullable() })
  const records: CostRecord[] = []
  let cursor: string | undefined
  do {
    const page = Page.parse(await call(caller, 'costs.list', { projectId, limit: 200, cursor }))
    records.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return records
}

/** Expects every acknowledged call once and unchanged, totals that are the sum of the records, and no drift. */
async function expectBooksToBalance(caller: Caller, projectId: number, calls: Calls): Promise<CostRecord[]> {
  const records = await allRecords(caller, projectId)
  const byKey = new Map(records.map((record) => [record.actionType, record]))
  expect(byKey.size).toBe(records.length)
  for (const [key, record] of calls.acknowledged) expect(byKey.get(key)).toEqual(record)
  for (const [key, record] of byKey) expect(record.totalCost).toBe(calls.sent.get(key ?? ''))
  const sum = formatUsd(records.reduce((total, { totalCost }) => total + parseUsd(totalCost), 0n))
  expect(CostTotal.parse(await call(caller, 'costs.total', { projectId }))).toMatchObject({
    totalCost: sum,
    records: records.length,
  })
  expect(Project.parse(await call(caller, 'projects.get', { id: projectId })).totalCost).toBe(sum)
  expect(await call(caller, 'system.verify')).toMatchObject({
    ok: true,
    checked: { records: records.length },
    drifts: [],
  })
  return records
}

async function startWithProject(
  url: string,
): Promise<{ start(): Promise<ServerProcess>; server: ServerProcess; apiKey: string; projectId: number }> {
  const folder = emptyFolder()
  const start = () => startServer(folder, { DATABASE_URL: url, LOG_LEVEL: 'warn', MGX_SEED: 'false' })
  const server = await start()
  const apiKey = printedKey(server) ?? ''
  const project = await call({ ...server, apiKey }, 'projects.create', {
    name: 'Burst',
    idea: 'Record',
    investment: '1000000',
  })
  return { start, server, apiKey, projectId: Project.parse(project).id }
}

describe.each(testDatabases)('on $name', (database) => {
  test('kill -9 in a burst of records loses nothing acknowledged and counts nothing twice', {
    timeout: 300_000,
  }, async () => {
    const { start, apiKey, projectId, ...first } = await startWithProject(await database.migratedUrl())
    const calls = callsTo(projectId)
    let { server } = first
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const before = calls.acknowledged.size
      const burst = calls.burst({ ...server, apiKey })
      await expect.poll(() => calls.acknowledged.size, { interval: 1, timeout: 10_000 }).toBeGreaterThan(before)
      await sleep(Math.random() * 200)
      server.signal('SIGKILL')
      await Promise.all([burst, server.exited])
      expect(calls.sent.size).toBeGreaterThan(calls.acknowledged.size)
      server = await start()
      const serving = performance.now()
      expect(await calls.send({ ...server, apiKey }, `call-${calls.sent.size}`)).toBe(true)
      expect(performance.now() - serving).toBeLessThan(SERVED_MILLISECONDS)
    }
    await expectBooksToBalance({ ...server, apiKey }, projectId, calls)
    // Retries calls without a response: those that were written return their record, the others are written now.
    const keys = [...calls.sent.keys()]
    await Promise.all(keys.map((key) => calls.send({ ...server, apiKey }, key)))
    const records = await expectBooksToBalance({ ...server, apiKey }, projectId, calls)
    expect(records).toHaveLength(keys.length)
  })

  test('SIGTERM in a burst of records loses nothing acknowledged and ends with 0', { timeout: 60_000 }, async () => {
    const { start, server, apiKey, projectId } = await startWithProject(await database.migratedUrl())
    const calls = callsTo(projectId)
    const burst = calls.burst({ ...server, apiKey })
    await expect.poll(() => calls.acknowledged.size, { interval: 1, timeout: 10_000 }).toBeGreaterThan(CALLERS)
    const announced = server.stderr()
    server.signal('SIGTERM')
    await burst
    expect(await server.exited).toMatchObject({ code: 0, stderr: announced })
    await expectBooksToBalance({ ...(await start()), apiKey }, projectId, calls)
  })
})
