import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import type { FastifyBaseLogger } from 'fastify'
import type { Knex } from 'knex'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { emptyFolder, startServer } from '../testing/server-process.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'
import { startThree } from '../testing/three-servers.js'
import { scheduleVerification } from './verification.js'

/** Starts a server that verifies every second, and returns it with the lines of the schedule's log. */
async function startVerifying(databaseUrl: string, adminApiKey?: string) {
  const server = await startTestServer({ databaseUrl, adminApiKey })
  const lines: Record<string, unknown>[] = []
  const log: FastifyBaseLogger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) })
  const schedule = scheduleVerification({ services: server.services, log, everySeconds: 1 })
  onTestFinished(async () => {
    await schedule.stop()
    await server.close()
  })
  return { server, lines }
}

async function gaugesOf({ url }: Pick<TestServer, 'url'>) {
  const text = await (await fetch(`${url}/metrics`)).text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  return { drifts: value('mgx_ledger_drifts'), verifiedAt: value('mgx_ledger_verified_timestamp_seconds') }
}

const soon = { timeout: 10_000, interval: 100 }

describe.each(testDatabases)('the schedule of verifications on $name', (database) => {
  test('shows a drift unasked, on each server, and logs it with its kinds and ids until it is gone', async () => {
    const url = await database.migratedUrl()
    const first = await startVerifying(url)
    const second = await startVerifying(url, first.server.adminApiKey)
    const servers = [first.server, second.server]
    const drifts = () => Promise.all(servers.map(async (server) => (await gaugesOf(server)).drifts))
    await expect.poll(drifts, soon).toEqual([0, 0])
    const { db } = first.server.services
    await db('users').update({ totalCost: 7 })
    await expect.poll(drifts, soon).toEqual([1, 1])
    const logged = [...first.lines, ...second.lines].filter(({ level }) => level === 50)
    expect(logged[0]).toMatchObject({ drifts: ['user 1: totalCost'], count: 1, hasMore: false })
    await db('users').update({ totalCost: 0 })
    await expect.poll(drifts, soon).toEqual([0, 0])
  })

  test('logs a failure once, and when a verification succeeds again', async () => {
    const { server, lines } = await startVerifying(await database.migratedUrl())
    const { db } = server.services
    await db.schema.renameTable('cost_rollups', 'elsewhere')
    await expect.poll(() => lines.map(({ msg }) => msg), soon).toEqual(['the ledger cannot be verified'])
    await sleep(1_500)
    expect(lines).toHaveLength(1)
    await db.schema.renameTable('elsewhere', 'cost_rollups')
    // The claim of the failed one must end first.
    await db('ledger_verifications').update({ claimedUntil: null })
    await expect.poll(() => lines.map(({ msg }) => msg), soon).toContain('the ledger is verified again')
  })
})

test('MGX_VERIFY_EVERY sets the interval of the server, and off none', async () => {
  const [on, off] = await Promise.all(
    ['1s', 'off'].map((every) => startServer(emptyFolder(), { MGX_VERIFY_EVERY: every, MGX_SEED: 'false' })),
  )
  if (!on || !off) throw new Error('the servers did not start')
  await expect.poll(async () => (await gaugesOf(on)).verifiedAt, soon).toBeGreaterThan(0)
  expect((await gaugesOf(off)).verifiedAt).toBe(0)
})

test('three servers on one PostgreSQL verify once an interval, one at a time, and take over from one that is killed', {
  timeout: 60_000,
}, async () => {
  const { servers, db, waiting } = await startThree({ MGX_VERIFY_EVERY: '1s' })
  await db.raw('CREATE TABLE seen (verified_at timestamptz(3))')
  await db.raw(`CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO seen VALUES (NEW.verified_at); RETURN NULL; END $$`)
  await db.raw(
    'CREATE TRIGGER see AFTER UPDATE OF verified_at ON ledger_verifications FOR EACH ROW EXECUTE FUNCTION see()',
  )
  const seen = (): Promise<string[]> => db('seen').orderBy('verified_at').pluck('verified_at')
  await expect.poll(async () => (await seen()).length, soon).toBeGreaterThan(3)
  const instants = (await seen()).map((instant) => Date.parse(instant))
  const intervals = instants.slice(1).map((instant, index) => instant - (instants[index] ?? 0))
  // Rounding takes a millisecond.
  for (const interval of intervals) expect(interval).toBeGreaterThan(998)
  const last = (instants.at(-1) ?? 0) / 1_000
  for (const server of servers) expect((await gaugesOf(server)).verifiedAt).toBeGreaterThanOrEqual(last)

  const killed = await db.transaction(async (trx) => {
    // A verification that takes longer than the interval is still the only one.
    await trx.raw('LOCK TABLE cost_rollups IN ACCESS EXCLUSIVE MODE')
    await expect.poll(waiting, soon).toHaveLength(1)
    const [verifying] = await waiting()
    for (const end = performance.now() + 2_000; performance.now() < end; await sleep(50))
      expect(await waiting()).toEqual([verifying])
    const server = servers.find(({ name }) => name === verifying)
    server?.signal('SIGKILL')
    await server?.exited
    // The killed one has compared the users already.
    await db('users').update({ totalCost: 7 })
    return verifying
  })
  const left = servers.filter(({ name }) => name !== killed)
  expect(left).toHaveLength(2)
  const drifts = () => Promise.all(left.map(async (server) => (await gaugesOf(server)).drifts))
  await waitForClaim(db, async () => expect(await drifts()).toEqual([0, 0]))
  await expect.poll(drifts, soon).toEqual([1, 1])
  expect(left.some((server) => server.log().some(({ msg }) => /has drifted/.test(String(msg))))).toBe(true)
})

test('a server on SQLite that is killed while it verifies does so again once it is restarted', async () => {
  const folder = emptyFolder()
  const env = { DATABASE_URL: `sqlite:${folder}/mgx.db`, MGX_VERIFY_EVERY: '1s', MGX_SEED: 'false' }
  const first = await startServer(folder, env)
  const db = await openDatabase(env.DATABASE_URL)
  onTestFinished(() => db.destroy())
  // So many that comparing them takes a second.
  await db.raw(`WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
    INSERT INTO projects (user_id, name, idea, investment, total_cost) SELECT 1, n, 'i', 0, 0 FROM n`)
  const claimedBy = async () => (await db('ledger_verifications').first()).claimedBy
  await expect.poll(claimedBy, { timeout: 10_000, interval: 5 }).not.toBeNull()
  first.signal('SIGKILL')
  await first.exited
  await db('users').update({ totalCost: 7 })
  const second = await startServer(folder, env)
  const drifts = async () => (await gaugesOf(second)).drifts
  await waitForClaim(db, async () => expect(await drifts()).toBe(0))
  await expect.poll(drifts, soon).toBe(1)
})

/**
 * Expects that a killed server has left a claim of at most half a minute, during which `expectNothing` holds. Moves its end
 * nearer, as if most of that time had passed, and resolves shortly before it.
 */
async function waitForClaim(db: Knex, expectNothing: () => Promise<void>): Promise<void> {
  const claim = await db('ledger_verifications').first()
  expect(claim.claimedBy).not.toBeNull()
  expect(Date.parse(claim.claimedUntil)).toBeLessThanOrEqual(Date.now() + 30_000)
  const claimedUntil = new Date(Date.now() + 2_500).toISOString()
  await db('ledger_verifications').update({ claimedUntil })
  for (const end = performance.now() + 1_500; performance.now() < end; await sleep(100)) await expectNothing()
  expect(await db('ledger_verifications').first()).toEqual({ ...claim, claimedUntil })
}
