import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase, verifyLedger } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import type { Knex } from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, printedKey, startServer } from '../testing/server-process.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'
import { startThree } from '../testing/three-servers.js'

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
    const url = await database.migratedUrl()
    const first = await start(url)
    await start(url, first.adminApiKey)
    const projectIds = [await reserve(first, 30), await reserve(first, 1)]
    for (const id of projectIds) await expect.poll(() => tablesOf(first, id), soon).toEqual(swept)
    expect(await call(first, 'system.verify')).toMatchObject({ ok: true, checked: { reservations: 31 } })
  })

  test('a database that fails for a while is swept afterwards', async () => {
    const server = await start(await database.migratedUrl())
    const { db } = server.services
    await db.schema.renameTable('reservations', 'reservations_gone')
    await sleep(2_500)
    await db.schema.renameTable('reservations_gone', 'reservations')
    const projectId = await reserve(server, 1)
    await expect.poll(() => tablesOf(server, projectId), soon).toEqual(swept)
  })

  test('kill -9 while two servers sweep many holds: each hold is freed once', { timeout: 240_000 }, async () => {
    const env = { DATABASE_URL: await database.migratedUrl(), MGX_SEED: 'false' }
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
    await db.transaction(async (trx) => {
      await insertDueHolds(trx, { projectId, userId }, 20_000)
      await reserveForHolds(trx, { projectId, userId }, 20_000)
    })

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

test('three servers on one PostgreSQL that sweep at the same moment expire holds one after another, each once, although one is killed', {
  timeout: 60_000,
}, async () => {
  const { servers, db, waiting } = await startThree({})
  const { id: projectId, userId } = (await call(servers[0] as Caller, 'projects.create', {
    name: 'n',
    idea: 'i',
  })) as Ids
  await db.raw('CREATE TABLE seen (reservation_id bigint, transaction bigint, at timestamptz)')
  await db.raw(`CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO seen VALUES (NEW.id, txid_current(), clock_timestamp()); RETURN NULL; END $$`)
  await db.raw('CREATE TRIGGER see AFTER UPDATE ON reservations FOR EACH ROW EXECUTE FUNCTION see()')

  const holds = 1_000
  const killed = await db.transaction(async (trx) => {
    await trx('users').where({ id: userId }).forNoKeyUpdate()
    await insertDueHolds(db, { projectId, userId }, holds)
    await reserveForHolds(trx, { projectId, userId }, holds)
    // Each waits for the account, for at most three seconds at a time.
    await expect.poll(waiting, { timeout: 20_000, interval: 20 }).toHaveLength(3)
    const [sweeping] = await waiting()
    const server = servers.find(({ name }) => name === sweeping)
    server?.signal('SIGKILL')
    await server?.exited
    return sweeping
  })
  const left = servers.filter(({ name }) => name !== killed)
  const expired = async () => {
    const texts = await Promise.all(left.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()))
    return texts.map((text) => Number(/^mgx_reservations_expired_total (\d+)$/m.exec(text)?.[1]))
  }
  const sum = async () => (await expired()).reduce((total, each) => total + each)
  await expect.poll(sum, { timeout: 10_000, interval: 100 }).toBeGreaterThanOrEqual(holds)
  expect(await sum()).toBe(holds)
  const seen = await db('seen').count('* as n').countDistinct('reservation_id as holds').first()
  expect(seen).toEqual({ n: holds, holds })
  // One transaction began to expire holds after the one before it had expired its last.
  const transactions = await db('seen').groupBy('transaction').min('at as first').max('at as last').orderBy('first')
  expect(transactions.length).toBeGreaterThanOrEqual(holds / 250)
  for (const [index, { last }] of transactions.slice(0, -1).entries())
    expect(Date.parse(transactions[index + 1]?.first)).toBeGreaterThanOrEqual(Date.parse(last))
  const caller = left[0] as Caller
  expect(await call(caller, 'budgets.get', { projectId })).toMatchObject({ reserved: '0' })
  expect(await call(caller, 'system.verify')).toMatchObject({ ok: true, drifts: [] })
})

type Ids = { id: number; userId: number }
type ProjectIds = { projectId: number; userId: number }

const HOLD_AMOUNT = 100_000

/** Writes long-due holds into a project, as if the servers that made them had died. `reserveForHolds` adds them to the totals. */
async function insertDueHolds(db: Knex, ids: ProjectIds, holds: number): Promise<void> {
  const hold = { ...ids, amount: HOLD_AMOUNT, expiresAt: '2020-01-01T00:00:00.000Z' }
  for (let added = 0; added < holds; added += 500) await db('reservations').insert(Array(500).fill(hold))
}

async function reserveForHolds(db: Knex, { projectId, userId }: ProjectIds, holds: number): Promise<void> {
  await db('projects')
    .where({ id: projectId })
    .increment('reserved', holds * HOLD_AMOUNT)
  await db('users')
    .where({ id: userId })
    .increment('reserved', holds * HOLD_AMOUNT)
}
