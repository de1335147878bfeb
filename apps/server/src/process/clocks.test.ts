import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CreatedApiKey,
  CreatedSession,
  Project,
  RecordedCost,
  ReservationAndBudget,
  SettledReservation,
} from '@mgx/contract'
import { CLAIM_SECONDS, openDatabase, readClock } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { decodeJwt } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { post, withCookie } from '../testing/browser.js'
import { createBrowser, REGISTERED, startProvider } from '../testing/openid-provider.js'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, type ServerProcess, startServer } from '../testing/server-process.js'
import { AUDIENCE, startSmallIssuer } from '../testing/small-issuer.js'

const API_KEY = 'the-key-of-every-server-in-this-test'
const SHIFTED_CLOCK = fileURLToPath(new URL('../testing/shifted-clock.mjs', import.meta.url))
const HOURS = [0, 1, -1]
const SHORT_SECONDS = 3
const usage = { model: 'house', promptTokens: 1_000_000, completionTokens: 0 }

const reasonOf = (error: Error): string => error.message.replace(/:.*/s, '')
const Token = z.object({ access_token: z.string() })

const postgresUrl = async () => (await testDatabases.find(({ name }) => name === 'postgres')?.migratedUrl()) ?? ''

/** Starts a server whose clock is off by that many hours. */
async function start(databaseUrl: string, hours: number, env: NodeJS.ProcessEnv): Promise<ServerProcess & Caller> {
  const server = await startServer(emptyFolder(), {
    DATABASE_URL: databaseUrl,
    NODE_OPTIONS: `--import=${SHIFTED_CLOCK}`,
    CLOCK_HOURS: String(hours),
    MGX_SECRET: 'the-secret-of-every-server-in-this-test',
    MGX_ADMIN_API_KEY: API_KEY,
    ...env,
  })
  const off = Date.parse(String(server.log()[0]?.time)) - Date.now()
  expect(off / 3_600_000).toBeCloseTo(hours, 1)
  return { ...server, apiKey: API_KEY }
}

describe('servers whose clocks are hours apart', () => {
  test('agree on every instant, because they take it from the database', { timeout: 120_000 }, async () => {
    const databaseUrl = await postgresUrl()
    const issuer = await startSmallIssuer()
    onTestFinished(issuer.close)
    const env = {
      MGX_PUBLIC_URL: 'https://mgx.example',
      MGX_OIDC_ISSUER: issuer.issuer,
      MGX_OIDC_AUDIENCE: AUDIENCE,
      MGX_OIDC_CREATE_USERS: 'true',
    }
    const [first, ...others] = HOURS
    const servers = [
      await start(databaseUrl, first ?? 0, env),
      ...(await Promise.all(others.map((hours) => start(databaseUrl, hours, env)))),
    ]
    /** Every server, with the next one to ask about what it did. */
    const pairs = servers.map((server, index) => [server, servers[(index + 1) % servers.length] ?? server] as const)
    const db = await openDatabase(databaseUrl)
    onTestFinished(() => db.destroy())
    const begin = await readClock(db)
    const inSeconds = (seconds: number) => new Date(Date.parse(begin) + seconds * 1_000).toISOString()

    // Prices take effect by the database's clock, whichever server sets them.
    for (const [index, server] of servers.entries()) {
      await call(server, 'prices.set', { model: `house-${index}`, inputPrice: '1', outputPrice: '0' })
      const later = { model: `house-${index}`, inputPrice: '7', outputPrice: '0', effectiveFrom: inSeconds(1_800) }
      await call(server, 'prices.set', later)
    }
    const projects: number[] = []
    for (const server of servers) {
      const project = Project.parse(await call(server, 'projects.create', { name: 'n', idea: 'i', investment: '1000' }))
      projects.push(project.id)
      for (const index of servers.keys()) {
        const recorded = call(server, 'costs.record', { ...usage, model: `house-${index}`, projectId: project.id })
        expect(RecordedCost.parse(await recorded).record.totalCost).toBe('1')
      }
    }

    // Holds are as long as they say, on every server.
    const short: { id: number; by: Caller; projectId: number }[] = []
    for (const [index, [server, next]] of pairs.entries()) {
      const projectId = projects[index] as number
      const reserve = async (ttlSeconds: number) => {
        const held = await call(server, 'budgets.reserve', { projectId, amount: '5', ttlSeconds })
        return ReservationAndBudget.parse(held).reservation.id
      }
      const settlement = { reservationId: await reserve(600), ...usage, totalCost: '0.5' }
      for (const each of servers) {
        expect(await call(each, 'budgets.get', { projectId })).toMatchObject({ reserved: '5' })
      }
      expect(SettledReservation.parse(await call(next, 'budgets.settle', settlement))).toMatchObject({ late: false })
      short.push({ id: await reserve(SHORT_SECONDS), by: next, projectId })
    }

    // Keys, sessions and tokens begin and end at the same moment everywhere.
    const lasting: string[] = []
    const ending: string[] = []
    const past = { name: 'past', expiresAt: inSeconds(-60) }
    for (const server of servers) {
      const newKey = async (key: object) =>
        CreatedApiKey.parse(await call(server, 'apiKeys.create', { name: 'k', ...key }))
      const newSession = async (ttlSeconds: number) =>
        CreatedSession.parse(await call(server, 'sessions.create', { ttlSeconds })).token
      expect(await call(server, 'apiKeys.create', past).catch(reasonOf)).toBe('invalid_input')
      const key = await newKey({ expiresAt: inSeconds(1_800) })
      const form = { grant_type: 'client_credentials', client_id: String(key.apiKey.id), client_secret: key.key }
      const issued = await fetch(`${server.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })
      const token = Token.parse(await issued.json()).access_token
      const { iat = 0, exp = 0 } = decodeJwt(token)
      expect(Math.abs(iat - Date.parse(await readClock(db)) / 1_000)).toBeLessThan(10)
      expect(exp - iat).toBe(600)
      const soon = new Date(Date.parse(await readClock(db)) + SHORT_SECONDS * 1_000).toISOString()
      lasting.push(key.key, token, await newSession(1_800))
      ending.push(await newSession(SHORT_SECONDS), (await newKey({ expiresAt: soon })).key)
    }
    const now = Math.floor(Date.parse(begin) / 1_000)
    lasting.push(await issuer.sign({ exp: now + 300, nbf: now }))
    ending.push(await issuer.sign({ exp: now - 60 }), await issuer.sign({ exp: now + 7_200, nbf: now + 1_800 }))
    await sleep(SHORT_SECONDS * 1_000)
    for (const { url } of servers) {
      const whoIs = (apiKey: string) =>
        call({ url, apiKey }, 'users.me').then(
          () => 'accepted',
          (error: Error) => reasonOf(error),
        )
      expect(await Promise.all(lasting.map(whoIs))).toEqual(lasting.map(() => 'accepted'))
      expect(await Promise.all(ending.map(whoIs))).toEqual(ending.map(() => 'unauthenticated'))
    }

    for (const { id, by, projectId } of short) {
      for (const each of servers) {
        expect(await call(each, 'budgets.get', { projectId })).toMatchObject({ reserved: '0' })
      }
      const settled = await call(by, 'budgets.settle', { reservationId: id, ...usage, totalCost: '0.5' })
      expect(SettledReservation.parse(settled)).toMatchObject({ late: true })
    }

    // A minute of a limit is a minute.
    const limited = CreatedApiKey.parse(
      await call(servers[0] as Caller, 'apiKeys.create', { name: 'l', callsPerMinute: 2 }),
    )
    for (const { url } of servers) {
      const ask = () => fetch(`${url}/trpc/users.me`, { headers: { authorization: `Bearer ${limited.key}` } })
      expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
      const refused = await ask()
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    }

    // No instant in any table is an hour off, and the audit log is in order.
    const columns: { tableName: string; columnName: string }[] = await db('information_schema.columns')
      .where({ table_schema: 'public', data_type: 'timestamp with time zone' })
      .whereNot('table_name', 'like', 'knex_%')
    const end = await readClock(db)
    let seen = 0
    for (const { tableName: table, columnName: column } of columns) {
      if (IS_CHOSEN.test(column)) continue
      const earliest = column === 'hour' ? `${begin.slice(0, 13)}:00:00.000Z` : inSeconds(-60)
      const latest = column === 'claimed_until' ? new Date(Date.parse(end) + CLAIM_SECONDS * 1_000).toISOString() : end
      const values: { value: string }[] = await db(table).select({ value: column }).whereNotNull(column)
      for (const { value } of values)
        expect(value >= earliest && value <= latest, `${table}.${column} is ${value}`).toBe(true)
      seen += values.length
    }
    expect(seen).toBeGreaterThan(60)
    const audited: { createdAt: string }[] = await db('audit_log').orderBy('id')
    expect(audited.length).toBeGreaterThan(20)
    expect(audited).toEqual(audited.toSorted((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt)))
    expect(await call(servers[1] as Caller, 'system.verify')).toMatchObject({ ok: true })
  })

  test('begin and finish the same sign-in at an OpenID provider', { timeout: 120_000 }, async () => {
    const people = { ada: { preferred_username: 'ada', email: 'ada@example.com', email_verified: true } }
    const provider = await startProvider(people)
    onTestFinished(provider.close)
    const databaseUrl = await postgresUrl()
    const env = {
      MGX_OIDC_ISSUER: provider.issuer,
      MGX_OIDC_AUDIENCE: 'mgx',
      MGX_OIDC_CREATE_USERS: 'true',
      MGX_OIDC_CLIENT_ID: REGISTERED.id,
      MGX_OIDC_CLIENT_SECRET: REGISTERED.secret,
    }
    const servers = [await start(databaseUrl, 1, env), await start(databaseUrl, -1, env)]
    const callback = '/auth/oidc/callback'
    provider.register(servers.map(({ url }) => url + callback))
    for (const [index, { url }] of servers.entries()) {
      const other = servers[1 - index]?.url ?? ''
      const browser = createBrowser()
      const back = await browser.signInAt(`${url}/auth/oidc`, 'ada', (address) => address.startsWith(url + callback))
      const cookie = `mgx_sign_in=${browser.jarOf(url).get('mgx_sign_in')}`
      const finished = await fetch(back.replace(url, other), { headers: { cookie }, redirect: 'manual' })
      expect([finished.status, await finished.text()]).toEqual([303, ''])
      const session = finished.headers.getSetCookie().find((set) => set.startsWith('mgx_session=')) ?? ''
      expect((await post(`${url}/trpc/users.me`, withCookie(session.split(';')[0] ?? ''))).status).toBe(200)
    }
  })
})

/** Columns for instants that a caller chooses, or that lie ahead. */
const IS_CHOSEN = /expires|effective|retired/
