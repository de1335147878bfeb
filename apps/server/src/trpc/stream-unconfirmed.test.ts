import { setTimeout as sleep } from 'node:timers/promises'
import { CreatedApiKey, CreatedSession, Project } from '@mgx/contract'
import { breakingProxy, type TestDatabase, testDatabases } from '@mgx/db/testing'
import { expect, onTestFinished, test } from 'vitest'
import { holdConnections } from '../testing/held-connections.js'
import { openStream, refusalIn } from '../testing/raw-stream.js'
import { type Caller, call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

/** The promise: a revocation holds everywhere within this time. */
const PROMISED_MILLISECONDS = 5_000
const STREAMS = 5

/** A server whose connections to the database can be silenced. */
type Cut = { server: TestServer; silence(): unknown }

async function withoutConnections(databaseUrl: string): Promise<Cut> {
  const server = await startTestServer({ databaseUrl })
  const silence = async () => {
    onTestFinished(await holdConnections(server.services.db))
  }
  return { server, silence }
}

async function withoutAnswers(databaseUrl: string): Promise<Cut> {
  const { url, silence, close } = await breakingProxy(databaseUrl)
  onTestFinished(close)
  return { server: await startTestServer({ databaseUrl: url }), silence }
}

const [sqlite, postgres] = testDatabases as [TestDatabase, TestDatabase]

test.each([
  { name: 'sqlite is busy', database: sqlite, cut: withoutConnections },
  { name: 'postgres has no free connection', database: postgres, cut: withoutConnections },
  { name: 'postgres does not answer', database: postgres, cut: withoutAnswers },
])(
  'streams end within five seconds of a revocation that their server cannot see, because its $name',
  {
    timeout: 60_000,
  },
  async ({ database, cut }) => {
    const databaseUrl = await database.migratedUrl()
    const { server: here, silence } = await cut(databaseUrl)
    const there = await startTestServer({ databaseUrl, adminApiKey: here.adminApiKey })
    onTestFinished(async () => {
      await Promise.allSettled([here.close(), there.close()])
    })
    const admin: Caller = { url: there.url, apiKey: here.adminApiKey }
    const project = { name: 'n', idea: 'i', investment: '1' }
    const { id: projectId } = Project.parse(await call(admin, 'projects.create', project))
    const { apiKey, key } = CreatedApiKey.parse(await call(admin, 'apiKeys.create', { name: 'watcher' }))
    const { token } = CreatedSession.parse(await call({ ...admin, apiKey: key }, 'sessions.create', {}))
    const streams = await Promise.all(
      Array.from({ length: STREAMS }, async (_, index) => {
        await sleep(100 * index)
        return openStream({ url: here.url, apiKey: index % 2 === 0 ? key : token }, { projectId })
      }),
    )
    await sleep(1_000)
    expect(streams.map(({ text }) => refusalIn(text()))).toEqual(streams.map(() => undefined))

    await silence()
    const begin = performance.now()
    await call(admin, 'apiKeys.revoke', { id: apiKey.id })
    const ends = await Promise.all(streams.map(({ closed }) => closed))

    expect(Math.max(...ends) - begin).toBeLessThan(PROMISED_MILLISECONDS)
    expect(streams.map(({ text }) => refusalIn(text())?.data.reason)).toEqual(streams.map(() => 'unavailable'))
  },
)
