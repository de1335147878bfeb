import { setTimeout as sleep } from 'node:timers/promises'
import { Project, RecordManyOutput } from '@mgx/contract'
import { startPostgres, testDatabases } from '@mgx/db/testing'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { holdConnections } from '../testing/held-connections.js'
import { idsIn, openStream, type RawStream, refusalIn } from '../testing/raw-stream.js'
import { type Caller, call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const OUTAGE_MILLISECONDS = 2_500
/** After this time without the database, a server no longer knows whether a stream is still allowed. */
const LONG_OUTAGE_MILLISECONDS = 6_000
/** More than the buffers of two sockets hold. */
const FLOOD = 6_000
const SOON = { timeout: 10_000 }
const usage = { promptTokens: 1, completionTokens: 1, totalCost: '0.000001' }
const cost = { model: '漢'.repeat(200), actionType: '漢'.repeat(100), ...usage }

type Outage = { server: TestServer; outage(milliseconds: number): Promise<void> }

/** Makes every query wait for a connection in vain and fail as `unavailable`. */
async function withoutConnections(databaseUrl: string): Promise<Outage> {
  const server = await startTestServer({ databaseUrl })
  const outage = async (milliseconds: number) => {
    const release = await holdConnections(server.services.db, 300)
    await sleep(milliseconds)
    release()
  }
  return { server, outage }
}

/** Makes every read of cost records fail as an internal error. */
async function withoutTable(databaseUrl: string): Promise<Outage> {
  const server = await startTestServer({ databaseUrl })
  const { db } = server.services
  // Internal errors are logged to the console.
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const outage = async (milliseconds: number) => {
    await db.schema.renameTable('cost_rollups', 'elsewhere_rollups')
    await db.schema.renameTable('cost_records', 'elsewhere')
    await sleep(milliseconds)
    await db.schema.renameTable('elsewhere', 'cost_records')
    await db.schema.renameTable('elsewhere_rollups', 'cost_rollups')
  }
  return { server, outage }
}

async function withCrashes(): Promise<Outage> {
  const postgres = await startPostgres()
  const server = await startTestServer({ databaseUrl: postgres.url })
  onTestFinished(postgres.stop)
  const outage = async (milliseconds: number) => {
    await postgres.crash()
    await sleep(milliseconds)
    await postgres.restart()
  }
  return { server, outage }
}

/** Resolves once readers that do not read have stalled: the server then only polls for new records, twice a second. */
async function slowReadersStalled({ services: { db } }: TestServer): Promise<void> {
  let reads = 0
  const count = ({ sql }: { sql: string }) => {
    if (/^select .*cost_records/.test(sql)) reads += 1
  }
  db.on('query', count)
  for (let before = -10; reads - before > 3; ) {
    before = reads
    await sleep(700)
  }
  db.off('query', count)
}

const outages = [
  ...testDatabases.flatMap(({ name, url }) => {
    const withoutConnection = {
      name: `${name} without a free connection`,
      start: async () => withoutConnections(await url()),
    }
    return [
      { ...withoutConnection, milliseconds: OUTAGE_MILLISECONDS },
      { ...withoutConnection, milliseconds: LONG_OUTAGE_MILLISECONDS },
      {
        name: `${name} without its table`,
        start: async () => withoutTable(await url()),
        milliseconds: OUTAGE_MILLISECONDS,
      },
    ]
  }),
  { name: 'a PostgreSQL that crashes', start: withCrashes, milliseconds: OUTAGE_MILLISECONDS },
]

describe('after an outage every watcher goes on, even if some readers do not read', { timeout: 120_000 }, () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test.each(outages)('$name, for $milliseconds ms', async ({ start, milliseconds }) => {
    const { server, outage } = await start()
    onTestFinished(server.close)
    const caller: Caller = { url: server.url, apiKey: server.adminApiKey }
    const project = { name: 'n', idea: 'i', investment: '1000' }
    const { id: projectId } = Project.parse(await call(caller, 'projects.create', project))
    const record = async (count: number) => {
      const records = Array(count).fill({ ...cost, projectId })
      const { results } = RecordManyOutput.parse(await call(caller, 'costs.recordMany', { records }))
      return results.flatMap((result) => (result.ok ? [result.record.id] : []))
    }
    /** Opens a stream while the outage may still last for a moment. */
    const open = async (): Promise<RawStream> => {
      for (;;) {
        const stream = await openStream(caller, { projectId })
        await expect.poll(stream.text, SOON).toContain('event: connected')
        await sleep(200)
        if (refusalIn(stream.text())?.data.reason !== 'unavailable') return stream
      }
    }

    const stalled = await open()
    stalled.response.pause()
    for (let written = 0; written < FLOOD; written += 1_000) await record(1_000)
    await slowReadersStalled(server)
    const watcher = await open()
    const before = await record(1)
    await expect.poll(() => idsIn(watcher.text()), SOON).toEqual(before)

    await outage(milliseconds)

    const later = await open()
    const more = await record(3)
    await expect.poll(() => idsIn(later.text()), SOON).toEqual(more)
    expect(refusalIn(later.text())).toBeUndefined()
    // Earlier watchers go on, or are told to connect again.
    if (refusalIn(watcher.text())) expect(idsIn(watcher.text())).toEqual(before)
    else await expect.poll(() => idsIn(watcher.text()), SOON).toEqual([...before, ...more])
    expect(stalled.response.readableEnded).toBe(false)
  })
})
