import { setTimeout as sleep } from 'node:timers/promises'
import { Budget, Project, RecordedCost, ReservationAndBudget, SettledReservation } from '@mgx/contract'
import { openDatabase } from '@mgx/db'
import { type TestDatabase, testDatabases } from '@mgx/db/testing'
import { describe, expect, test } from 'vitest'
import { call } from '../testing/rpc.js'
import { emptyFolder, type ServerProcess, startServer } from '../testing/server-process.js'

const API_KEY = 'the-key-of-every-server-in-this-test'
const CALLERS = 64
const usage = { model: 'm', promptTokens: 1, completionTokens: 1 }

/** One server process for SQLite, whose file is on one machine; three for PostgreSQL. */
async function startServers({ name }: TestDatabase, databaseUrl: string): Promise<ServerProcess[]> {
  const folder = emptyFolder()
  const env = { DATABASE_URL: databaseUrl, MGX_ADMIN_API_KEY: API_KEY, MGX_SEED: 'false', LOG_LEVEL: 'error' }
  const servers = [await startServer(folder, env)]
  while (name === 'postgres' && servers.length < 3) servers.push(await startServer(folder, env))
  return servers
}

const rpc = ({ url }: ServerProcess, procedure: string, input?: unknown) =>
  call({ url, apiKey: API_KEY }, procedure, input)

async function newProject(server: ServerProcess, investment: string): Promise<number> {
  return Project.parse(await rpc(server, 'projects.create', { name: 'n', idea: 'i', investment })).id
}

/** Returns the reason of a refusal; rethrows any other error. */
function reasonOf(error: Error): string {
  const reason = /^([a-z_]+): /.exec(error.message)?.[1]
  if (!reason) throw error
  return reason
}

describe.each(testDatabases)('all server processes on one $name', { timeout: 300_000 }, (database) => {
  test('never admit more than the budget, and leave no room unused', async () => {
    const url = await database.migratedUrl()
    const servers = await startServers(database, url)
    const server = (index: number) => servers[index % servers.length] as ServerProcess
    const projectId = await newProject(server(0), '10')
    const db = await openDatabase(url)
    let running = true
    let highest = 0
    const sampling = (async () => {
      while (running) {
        const { totalCost, reserved } = await db('projects').where({ id: projectId }).first()
        highest = Math.max(highest, totalCost + reserved)
        await sleep(5)
      }
    })()

    // 64 callers with 10 holds of about 0.03 USD each, settled in full: twice the budget.
    let smallestRefused = Number.POSITIVE_INFINITY
    const caller = async (index: number) => {
      for (let round = 0; round < 10; round += 1) {
        const amount = (1 + Math.floor(Math.random() * 61)) / 1_000
        const reserved = await rpc(server(index + round), 'budgets.reserve', { projectId, amount }).catch(reasonOf)
        if (typeof reserved === 'string') {
          expect(reserved).toBe('budget_exceeded')
          smallestRefused = Math.min(smallestRefused, amount)
          continue
        }
        const { reservation } = ReservationAndBudget.parse(reserved)
        const settlement = { reservationId: reservation.id, ...usage, totalCost: amount }
        SettledReservation.parse(await rpc(server(index + round + 1), 'budgets.settle', settlement))
      }
    }
    await Promise.all(Array.from({ length: CALLERS }, (_, index) => caller(index)))
    running = false
    await sampling
    await db.destroy()

    const budget = Budget.parse(await rpc(server(0), 'budgets.get', { projectId }))
    expect(highest).toBeLessThanOrEqual(10_000_000_000)
    expect(budget).toMatchObject({ reserved: '0', exceeded: false })
    // No room was left unused: the remaining amount is less than the smallest refused one.
    expect(Number(budget.remaining)).toBeLessThan(smallestRefused)
    expect(Number.isFinite(smallestRefused)).toBe(true)
  })

  test('count an idempotency key once, whichever server gets it, and refuse it with another content', async () => {
    const url = await database.migratedUrl()
    const servers = await startServers(database, url)
    const projectId = await newProject(servers[0] as ServerProcess, '10')
    const KEYS = 200
    const COPIES = 50
    const STORM_CALLERS = 256
    const answers = new Map<string, unknown[]>()
    const refusals: string[] = []
    const send = async (copy: number) => {
      const idempotencyKey = `key-${copy % KEYS}`
      // Half of the calls with a key have another content.
      const totalCost = Math.floor(copy / KEYS) % 2 === 0 ? '0.001' : '0.002'
      const answer = rpc(servers[copy % servers.length] as ServerProcess, 'costs.record', {
        projectId,
        ...usage,
        totalCost,
        idempotencyKey,
      })
      await answer.then(
        (recorded) =>
          answers.set(idempotencyKey, [...(answers.get(idempotencyKey) ?? []), RecordedCost.parse(recorded)]),
        (error: Error) => refusals.push(reasonOf(error)),
      )
    }
    const copies = Array.from({ length: KEYS * COPIES }, (_, copy) => copy).sort(() => Math.random() - 0.5)
    const worker = async () => {
      for (let copy = copies.pop(); copy !== undefined; copy = copies.pop()) await send(copy)
    }
    await Promise.all(Array.from({ length: STORM_CALLERS }, worker))

    expect(answers.size).toBe(KEYS)
    for (const same of answers.values()) {
      expect(same).toHaveLength(COPIES / 2)
      for (const answer of same) expect(answer).toEqual(same[0])
    }
    expect(refusals).toHaveLength((KEYS * COPIES) / 2)
    expect(new Set(refusals)).toEqual(new Set(['idempotency_mismatch']))
    const total = await rpc(servers[0] as ServerProcess, 'costs.total', { projectId })
    expect(total).toMatchObject({ records: KEYS })
    const db = await openDatabase(url)
    const rows = await db('cost_records').where({ projectId })
    await db.destroy()
    expect(rows.map((row) => row.idempotencyKey).sort()).toEqual([...answers.keys()].sort())
  })
})
