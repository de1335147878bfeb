import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase, verifyLedger } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import type { Knex } from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, printedKey, startServer } from '../testing/server-process.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

async function start(databaseUrl: string, adminApiKey?: string): Promise<TestServer & { apiKey: string }> {
  const server = await startTestServer({ databaseUrl, adminApiKey })
  onTestFinished(() => server.close())
  return { ...server, apiKey: server.adminApiKey }
}

async function reserve(server: Caller, holds: number): Promise<number> {
  const project = (await call(server, 'projects.create', { name: 'Snake', idea: 'A game' })) as { id: number }
  const hold = () => call(server, 'budgets.reserve', { projectId: project.id, amount: '0.01', ttlSeconds: 1 })
  await Promise.all(Array.from({ length: holds }, hold))
  return project.id
}

/** Reads the tables directly, because the API leaves out due holds whether they are swept or not. */
async function tablesOf({ services: { db } }: TestServer, projectId: number) {
  const statuses: { status: string }[] = await db('reservations').where({ projectId }).distinct('status')
  const project = await db('projects').where({ id: projectId }).first()
  const user = await db('users').where({ id: project.userId }).first()
  return { statuses: statuses.map(({ status }) => status), reserved: [project.reserved, user.reserved] }
}

const swept = { statuses: ['expired'], reserved: [0, 0] }
const soon = { timeout: 8_000, interval: 200 }

describe.each(testDatabases)('sweeping on $name', (database) => {
  test('a hold that no call names again is expired within seconds, also with two servers', async () => {
    const url = await database.url()
    const first = await start(url)
    await start(url, first.adminApiKey)
    const projectIds = [await reserve(first, 30), await reserve(first, 1)]
    for (const id of projectIds) await expect.poll(() => tablesOf(first, id), soon).toEqual(swept)
    expect(await call(first, 'system.verify')).toMatchObject({ ok: true, checked: { reservations: 31 } })
  })

  test('a database that fails for a while is swept afterwards', async () => {
    const server = await start(await database.url())
    const { db } = server.services
    await db.schema.renameTable('reservations', 'reservations_gone')
    await sleep(2_500)
    await db.schema.renameTable('reservations_gone', 'reservations')
    const projectId = await reserve(server, 1)
    await expect.poll(() => tablesOf(server, projectId), soon).toEqual(swept)
  })

  test('kill -9 while two servers sweep many holds: each hold is freed once', { timeout: 240_000 }, async () => {
    const env = { DATABASE_URL: await database.url(), MGX_SEED: 'false' }
    const folders = [emptyFolder(), emptyFolder()]
    const first = await startServer(folders[0] ?? '', env)
    const apiKey = printedKey(first) ?? ''
    const project = { name: 'Snake', idea: 'A game', investment: '5' }
    const { id: projectId, userId } = (await call({ ...first, apiKey }, 'projects.create', project)) as Ids
    await call({ ...first, apiKey }, 'budgets.reserve', { projectId, amount: '2' })
    const db = await openDatabase(env.DATABASE_URL)
    onTestFinished(() => db.destroy())
    const left = async () => Number((await db('reservations').where({ status: 'held' }).count('* as n'))[0]?.n)
    first.signal('SIGKILL')
    await first.exited
    await addDueHolds(db, { projectId, userId })

    for (let kill = 0; kill < 3; kill += 1) {
      const before = await left()
      const servers = await Promise.all(folders.map((folder) => startServer(folder, env)))
      await expect.poll(left, { timeout: 20_000, interval: 1 }).toBeLessThan(before)
      await sleep(Math.random() * 100)
      for (const server of servers) server.signal('SIGKILL')
      await Promise.all(servers.map(({ exited }) => exited))
      expect(await left()).toBeGreaterThan(1)
      expect(await verifyLedger(db, { maxDrifts: 10 })).toMatchObject({ ok: true, drifts: [] })
    }
    const last = { ...(await startServer(folders[0] ?? '', env)), apiKey }
    expect(await call(last, 'budgets.get', { projectId })).toMatchObject({ reserved: '2', remaining: '3' })
    expect(await call(last, 'budgets.reserve', { projectId, amount: '3' })).toMatchObject({ budget: { reserved: '5' } })
    await expect.poll(left, { timeout: 60_000, interval: 100 }).toBe(2)
    expect(await db('projects').where({ id: projectId }).first()).toMatchObject({ reserved: 5_000_000_000 })
    expect(await call(last, 'system.verify')).toMatchObject({ ok: true, drifts: [] })
  })
})

type Ids = { id: number; userId: number }

/** Writes long-due holds into a project, as if the servers that made them had died. */
async function addDueHolds(db: Knex, { projectId, userId }: { projectId: number; userId: number }): Promise<void> {
  const [holds, amount] = [20_000, 100_000]
  const hold = { projectId, userId, amount, expiresAt: '2020-01-01T00:00:00.000Z' }
  await db.transaction(async (trx) => {
    for (let added = 0; added < holds; added += 500) await trx('reservations').insert(Array(500).fill(hold))
    await trx('projects')
      .where({ id: projectId })
      .increment('reserved', holds * amount)
    await trx('users')
      .where({ id: userId })
      .increment('reserved', holds * amount)
  })
}
