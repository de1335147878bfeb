import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Caller, call } from './testing/rpc.js'
import { startTestServer, type TestServer } from './testing.js'

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

/** What the tables say, which is not what an answer says: answers leave out what is due, swept or not. */
async function tablesOf({ services: { db } }: TestServer, projectId: number) {
  const statuses: { status: string }[] = await db('reservations').where({ projectId }).distinct('status')
  const project = await db('projects').where({ id: projectId }).first()
  const user = await db('users').where({ id: project.userId }).first()
  return { statuses: statuses.map(({ status }) => status), reserved: [project.reserved, user.reserved] }
}

const swept = { statuses: ['expired'], reserved: [0, 0] }
const soon = { timeout: 8_000, interval: 200 }

describe.each(testDatabases)('sweeping on $name', (database) => {
  test('a hold that nobody asks for again is expired within seconds, with two servers too', async () => {
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
})
