import { randomUUID } from 'node:crypto'
import { procedures } from '@mgx/api'
import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answers } from '../testing/differential.js'
import { badInputs, calls, MEMBER_KEY } from '../testing/every-procedure.js'
import { call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const mutations = [...procedures].filter(([, { type }]) => type === 'mutation').map(([path]) => path)
/** The ledger's own records. */
const isOwnRecord = (path: string) => /^(costs\.record\w*|budgets\.\w+)$/.test(path)

/** Makes the recorded usage cost something else, so that one record is corrected. */
const NEW_PRICE = { model: 'gpt-4o', inputPrice: '100', outputPrice: '200', effectiveFrom: '2020-01-01T00:00:00.000Z' }

const usage = { model: 'gpt-4o', promptTokens: 1, completionTokens: 1, totalCost: '0.01' }

/** Calls of {@link calls} that change nothing when they are repeated. */
const repeatable = [
  'users.update',
  'users.reactivate',
  'apiKeys.revoke',
  'projects.create',
  'projects.update',
  'sessions.close',
]

describe.each(testDatabases)('the audit log on $name', (database) => {
  let url: string
  let server: TestServer
  const answers: Answers = new Map()
  beforeAll(async () => {
    url = await database.migratedUrl()
    server = await startTestServer({ databaseUrl: url })
  })
  afterAll(() => server.close())

  async function send(path: string, input: unknown, key: string | undefined, requestId = 'request') {
    const response = await fetch(`${server.url}/trpc/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-request-id': requestId,
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      ...(input !== undefined && { body: JSON.stringify(input) }),
    })
    return { status: response.status, text: await response.text() }
  }

  const entries = (after = 0) => server.services.db('audit_log').where('id', '>', after).orderBy('id')
  const lastId = async () => (await entries()).at(-1)?.id ?? 0
  const inputOf = (input: unknown) => (typeof input === 'function' ? input(answers) : input)

  test('gets exactly one entry of every mutation, and none of a query or of the own records of the ledger', async () => {
    expect(calls.map(([path]) => path)).toEqual(expect.arrayContaining(mutations))
    for (const [index, [path, given]] of calls.entries()) {
      const isReprice = path === 'prices.reprice'
      if (isReprice) await send('prices.set', NEW_PRICE, server.adminApiKey)
      const before = await lastId()
      const input = isReprice ? { from: NEW_PRICE.effectiveFrom } : inputOf(given)
      const { status, text } = await send(path, input, server.adminApiKey, `request-${index}`)
      answers.set(path, text)
      expect(status, `${path}: ${text}`).toBe(200)
      const entry = {
        actor: 'user:1',
        credential: 'apiKey:1',
        action: path,
        requestId: `request-${index}`,
        address: '127.0.0.1',
      }
      const isAudited = mutations.includes(path) && !isOwnRecord(path)
      const written = await entries(before)
      expect(written, path).toMatchObject(isAudited ? [entry] : [])
      expect(written, path).toHaveLength(isAudited ? 1 : 0)
    }
  })

  test('gets none of a change that is refused, or that changes nothing', async () => {
    const reader = await send('apiKeys.create', { name: 'reader', scopes: ['read'] }, server.adminApiKey)
    const readKey = JSON.parse(reader.text).result.data.key
    const before = await lastId()
    for (const [path, given] of calls.filter(([each]) => mutations.includes(each))) {
      const input = inputOf(given)
      for (const key of [undefined, 'wrong', readKey]) expect((await send(path, input, key)).status, path).not.toBe(200)
      for (const bad of database.name === 'sqlite' ? badInputs : badInputs.slice(-2)) {
        expect((await send(path, bad, server.adminApiKey)).status, path).not.toBe(200)
      }
    }
    for (const [path, input] of calls.filter(([each]) => repeatable.includes(each))) {
      expect((await send(path, input, server.adminApiKey)).status, path).toBe(200)
    }
    expect(await entries(before)).toEqual([])
  })

  test('has no key, no token, and nothing that they are recognized by', async () => {
    const { db } = server.services
    const secrets = [
      server.adminApiKey,
      MEMBER_KEY,
      ...[...answers.values()].flatMap((text) => text.match(/mgx_(key|ses)_[\w-]{20,}/g) ?? []),
      ...(await db('api_keys').pluck('lookup')),
      ...(await db('api_keys').pluck('apiKeyHash')),
      ...(await db('sessions').pluck('tokenLookup')),
    ]
    expect(secrets.length).toBeGreaterThan(12)
    const written = JSON.stringify(await entries())
    for (const secret of secrets) expect(written).not.toContain(secret)
  })

  test('is served over REST, with the wrong credentials of each hour, which the end of a server writes', async () => {
    const headers = { authorization: `Bearer ${server.adminApiKey}` }
    async function get(path: string): Promise<{ items: Record<string, unknown>[] }> {
      const response = await fetch(`${server.url}/api${path}`, { headers })
      return (await response.json()) as { items: Record<string, unknown>[] }
    }
    const { items } = await get('/audit?subject=project:1&action=projects.create&limit=5')
    expect(items).toMatchObject([{ userId: 1, before: null, after: { name: 'Snake' } }])
    await server.services.failedSignIns.flush()
    const count = Number((await get('/audit/failed-sign-ins')).items[0]?.count)
    expect(count).toBeGreaterThan(0)

    const second = await startTestServer({ databaseUrl: url, adminApiKey: server.adminApiKey })
    await fetch(`${second.url}/api/users/me`, { headers: { authorization: 'Bearer wrong' } })
    await second.close()
    expect((await get('/audit/failed-sign-ins')).items).toMatchObject([{ address: '127.0.0.1', count: count + 1 }])
  })

  if (database.name === 'postgres') {
    test('is out of reach of a server that does not own the tables', async () => {
      const { db } = server.services
      const role = `mgx_server_${randomUUID().replaceAll('-', '')}`
      await db.raw(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`)
      await db.raw(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`)
      await db.raw(`REVOKE UPDATE, DELETE ON audit_log FROM ${role}`)
      const asRole = Object.assign(new URL(url), { username: role, password: role })
      const restricted = await startTestServer({ databaseUrl: asRole.href, adminApiKey: server.adminApiKey })
      try {
        const caller = { url: restricted.url, apiKey: server.adminApiKey }
        const project = { name: 'Snake', idea: 'A game' }
        const { id: projectId } = (await call(caller, 'projects.create', project)) as { id: number }
        await call(caller, 'costs.record', { ...usage, projectId })
        await call(caller, 'prices.set', { model: role, inputPrice: '1', outputPrice: '1' })
        expect(await call(caller, 'system.verify')).toMatchObject({ ok: true })
        const own = restricted.services.db
        await expect(own.raw('DROP TRIGGER audit_log_refuse_change ON audit_log')).rejects.toThrow('must be owner')
        await expect(own.raw('DELETE FROM audit_log')).rejects.toThrow('permission denied')
      } finally {
        await restricted.close()
        await db.raw(`DROP OWNED BY ${role}`)
        await db.raw(`DROP ROLE ${role}`)
      }
    })
  }
})
