import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreatedApiKey, CreatedSession, CreatedUser, Project } from '@mgx/contract'
import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStream, refusalIn } from '../testing/raw-stream.js'
import { type Caller, call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

/** The promise: a revocation holds everywhere within this time. */
const PROMISED_MILLISECONDS = 5_000
/** After this time the test assumes that a stream will not end. */
const PATIENCE_MILLISECONDS = 12_000
const LOAD_CALLERS = 8
/** Credentials end at a random moment within this time, to meet remembered keys of every age. */
const BEFORE_MILLISECONDS = 5_000
const USE_MILLISECONDS = 100
const cost = { model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.000001' }

/** A way for a credential to end. `end` resolves at that moment. */
type Ending = { name: string; reason: string; credential: string; projectId: number; end(): Promise<unknown> }

describe.each(testDatabases)('streams on $name', (database) => {
  let here: TestServer
  let there: TestServer
  let admin: Caller
  let memberKey: string
  let projectId: number
  let isRunning = true
  const running: Promise<unknown>[] = []

  beforeAll(async () => {
    const databaseUrl = await database.migratedUrl()
    here = await startTestServer({ databaseUrl })
    // One server process for SQLite, whose file is on one machine.
    there = database.name === 'sqlite' ? here : await startTestServer({ databaseUrl, adminApiKey: here.adminApiKey })
    admin = { url: here.url, apiKey: here.adminApiKey }
    const ada = await call(admin, 'users.create', { username: 'ada', email: 'ada@example.com' })
    memberKey = CreatedUser.parse(ada).apiKey ?? ''
    projectId = await newProject(memberKey)
  })
  afterAll(async () => {
    isRunning = false
    await Promise.allSettled(running)
    await Promise.all([...new Set([here, there])].map((server) => server?.close()))
  })

  const as = (apiKey: string, server = here): Caller => ({ url: server.url, apiKey })
  const newProject = async (apiKey: string) =>
    Project.parse(await call(as(apiKey), 'projects.create', { name: 'n', idea: 'i', investment: '1000' })).id
  const newKey = async (input: object = {}) =>
    CreatedApiKey.parse(await call(as(memberKey), 'apiKeys.create', { name: 'k', ...input }))
  const newSession = async (apiKey: string, input: object = {}) =>
    CreatedSession.parse(await call(as(apiKey), 'sessions.create', input))
  /** Makes a key or a session expire in one second, and waits for that. */
  async function expire(table: 'api_keys' | 'sessions', id: number): Promise<void> {
    await sleep(BEFORE_MILLISECONDS * Math.random())
    const soon = Date.now() + 1_000
    await here.services
      .db(table)
      .where({ id })
      .update({ expiresAt: new Date(soon).toISOString() })
    await sleep(soon - Date.now())
  }

  /** Repeats an action until the tests have ended. */
  function keepDoing(work: () => Promise<unknown>, pause = 0): void {
    const doing = async () => {
      while (isRunning) {
        await work()
        await sleep(pause)
      }
    }
    running.push(doing())
  }

  async function endings(): Promise<Ending[]> {
    const [revoked, revokedThere, rotated, ofSession] = await Promise.all([1, 2, 3, 4].map(() => newKey()))
    const expiresAt = '2100-01-01T00:00:00Z'
    const expiring = await newKey({ expiresAt })
    const expiringWithSession = await newKey({ expiresAt })
    const closed = await newSession(memberKey)
    const short = await newSession(memberKey)
    const sessionOfRevoked = await newSession(ofSession?.key ?? '')
    const sessionOfExpiring = await newSession(expiringWithSession.key)
    const boss = `boss-${randomUUID()}`
    const newAdmin = { username: boss, email: `${boss}@example.com`, role: 'admin' }
    const { user, apiKey: demoted } = CreatedUser.parse(await call(admin, 'users.create', newAdmin))
    const end = async (procedure: string, input: object, caller = as(memberKey)) => {
      await sleep(BEFORE_MILLISECONDS * Math.random())
      await call(caller, procedure, input)
    }
    const mine = { projectId, reason: 'unauthenticated' }
    const revoke = { id: revoked?.apiKey.id }
    const revokeThere = { id: revokedThere?.apiKey.id }
    return [
      { ...mine, name: 'key revoked', credential: revoked?.key ?? '', end: () => end('apiKeys.revoke', revoke) },
      {
        ...mine,
        name: 'key revoked at another server',
        credential: revokedThere?.key ?? '',
        end: () => end('apiKeys.revoke', revokeThere, as(memberKey, there)),
      },
      {
        ...mine,
        name: 'key rotated',
        credential: rotated?.key ?? '',
        end: () => end('apiKeys.rotate', { id: rotated?.apiKey.id, overlapSeconds: 0 }),
      },
      { ...mine, name: 'key expired', credential: expiring.key, end: () => expire('api_keys', expiring.apiKey.id) },
      {
        ...mine,
        name: 'session closed',
        credential: closed.token,
        end: () => end('sessions.close', { id: closed.session.id }),
      },
      { ...mine, name: 'session expired', credential: short.token, end: () => expire('sessions', short.session.id) },
      {
        ...mine,
        name: 'session of a key that is revoked',
        credential: sessionOfRevoked.token,
        end: () => end('apiKeys.revoke', { id: ofSession?.apiKey.id }),
      },
      {
        ...mine,
        name: 'session of a key that expired',
        credential: sessionOfExpiring.token,
        end: () => expire('api_keys', expiringWithSession.apiKey.id),
      },
      {
        name: 'admin demoted',
        reason: 'not_found',
        projectId,
        credential: demoted ?? '',
        end: () => end('users.update', { id: user.id, role: 'member' }, admin),
      },
    ]
  }

  test.each([
    { beside: 'nothing else', callers: 0 },
    { beside: 'other calls', callers: LOAD_CALLERS },
  ])('end within five seconds of whatever ends their credential, beside $beside', { timeout: 60_000 }, async (load) => {
    const idleId = await newProject(memberKey)
    for (let each = 0; each < load.callers; each += 1) {
      keepDoing(() => call(as(memberKey, each % 2 === 0 ? here : there), 'costs.record', { ...cost, projectId }), 5)
    }
    const took: Record<string, number> = {}
    const reasons: Record<string, unknown[]> = {}
    const watch = async ({ name, credential, end }: Ending) => {
      const streams = await Promise.all(
        [projectId, idleId].flatMap((watched) => [
          openStream(as(credential), { projectId: watched }),
          openStream(as(credential), { projectId: watched }, { method: 'POST' }),
        ]),
      )
      let isUsed = true
      const using = async () => {
        while (isUsed) {
          await call(as(credential), 'costs.total', { projectId: idleId }).catch(() => undefined)
          await sleep(USE_MILLISECONDS)
        }
      }
      void using()
      await end()
      const ended = performance.now()
      const given = sleep(PATIENCE_MILLISECONDS, Number.POSITIVE_INFINITY)
      const ends = await Promise.all(streams.map(({ closed }) => Promise.race([closed, given])))
      isUsed = false
      took[name] = Math.round(Math.max(...ends) - ended)
      reasons[name] = streams.map(({ text }) => refusalIn(text())?.data.reason)
    }
    const all = await endings()
    await Promise.all(all.map(watch))
    const late = Object.entries(took).filter(([, milliseconds]) => milliseconds >= PROMISED_MILLISECONDS)
    expect(late).toEqual([])
    for (const { name, reason } of all) {
      // A server too busy to ask the database for four seconds ends streams as `unavailable`.
      const told = load.callers > 0 ? reasons[name]?.filter((each) => each !== 'unavailable') : reasons[name]
      expect(new Set([reason, ...(told ?? [])]), name).toEqual(new Set([reason]))
      if (load.callers === 0) expect(told, name).toHaveLength(4)
    }
  })
})
