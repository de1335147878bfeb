import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from '@mgx/api/testing'
import { breakingProxy, testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { idsIn, openStream } from '../testing/raw-stream.js'
import { type Caller, call } from '../testing/rpc.js'
import { emptyFolder, startServer } from '../testing/server-process.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const ADMIN_KEY = 'the-chosen-key-of-the-admin'
const PASSWORD = 'the-password-of-redis'

const USAGE = { model: 'gpt-4-turbo', promptTokens: 100, completionTokens: 50, actionType: 'a' }

const [, postgres] = testDatabases
if (!postgres) throw new Error('servers share only a PostgreSQL')

const env = {
  MGX_SECRET: 'the-secret-of-these-servers-0123456789',
  MGX_ADMIN_API_KEY: ADMIN_KEY,
  MGX_SEED: 'false',
  MGX_PUBLIC_URL: 'http://mgx.test',
}

let redis: RedisServer
let servers: TestServer[] = []
let admins: Caller[]
let here: Caller
let there: Caller
beforeAll(async () => {
  redis = await startRedis({ password: PASSWORD })
  const options = {
    databaseUrl: await postgres.migratedUrl(),
    redisUrl: redis.url,
    adminApiKey: ADMIN_KEY,
    issuer: 'http://mgx.test',
    trustProxy: ['loopback'],
    limits: { failures: 10 },
  }
  servers = [await startTestServer(options), await startTestServer(options)]
  admins = servers.map(({ url }) => ({ url, apiKey: ADMIN_KEY }))
  ;[here, there] = admins as [Caller, Caller]
  await vi.waitFor(() => expectShared(admins), { timeout: 10_000, interval: 50 })
})
afterAll(async () => {
  for (const server of servers) await server.close()
  await redis?.kill()
})

/** Throws unless servers share the pages of reports. */
async function expectShared([one, other]: Caller[]): Promise<void> {
  const name = `shared-${randomUUID()}`
  const { apiKey } = await newMember(one, name)
  await spend({ ...(one as Caller), apiKey })
  await call({ ...(one as Caller), apiKey }, 'projects.create', { name, idea: 'x' })
  // Another server that had read the database would see the project.
  expect(((await spend({ ...(other as Caller), apiKey })) as { items: unknown[] }).items).toEqual([])
}

const spend = (caller: Caller) => call(caller, 'reports.projects', {})

async function newMember(admin: Caller | undefined, username = `member-${randomUUID()}`) {
  if (!admin) throw new Error('a server is missing')
  const created = (await call(admin, 'users.create', { username, email: `${username}@example.com` })) as {
    user: { id: number }
    apiKey: string
  }
  return { id: created.user.id, apiKey: created.apiKey }
}

const reasonOf = (calling: Promise<unknown>) =>
  calling.then(
    () => 'ok',
    (error: Error) => error.message.split(':')[0],
  )

test('two servers together accept what the limit of a credential allows', async () => {
  const { id } = await newMember(admins[0])
  const limited = { name: 'limited', userId: id, callsPerMinute: 20 }
  const { key } = (await call(admins[0] as Caller, 'apiKeys.create', limited)) as { key: string }
  const calls = Array.from({ length: 60 }, (_, at) => {
    return reasonOf(call({ url: admins[at % 2]?.url ?? '', apiKey: key }, 'users.me'))
  })
  const reasons = await Promise.all(calls)
  expect(reasons.filter((reason) => reason === 'ok')).toHaveLength(20)
  expect(reasons.filter((reason) => reason === 'rate_limited')).toHaveLength(40)
})

test('two servers together accept what the limit of wrong credentials of an address allows', async () => {
  const wrong = `mgx_key_${'x'.repeat(40)}`
  const reasons: (string | undefined)[] = []
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const headers = { authorization: `Bearer ${wrong}`, 'x-forwarded-for': '203.0.113.7' }
    const response = await fetch(`${admins[attempt % 2]?.url}/api/users/me`, { headers })
    reasons.push(JSON.parse(await response.text()).reason)
  }
  expect(reasons.filter((reason) => reason === 'unauthenticated')).toHaveLength(10)
  expect(reasons.filter((reason) => reason === 'rate_limited')).toHaveLength(20)
})

test('a revocation reaches the other server at once', async () => {
  const { id } = await newMember(here)
  const delays: number[] = []
  for (let revoked = 0; revoked < 5; revoked += 1) {
    const created = (await call(here, 'apiKeys.create', { name: `key ${revoked}`, userId: id })) as {
      apiKey: { id: number }
      key: string
    }
    const used = { ...there, apiKey: created.key }
    await call(used, 'users.me')
    const start = performance.now()
    await call(here, 'apiKeys.revoke', { id: created.apiKey.id })
    while ((await reasonOf(call(used, 'users.me'))) !== 'unauthenticated') await sleep(5)
    delays.push(performance.now() - start)
  }
  console.info(`revocations reached the other server within ${delays.map(Math.round).join(', ')} ms`)
  expect(Math.max(...delays)).toBeLessThan(1_000)
})

test('a watch on one server sees at once what another one commits', async () => {
  const { id: projectId } = (await call(here, 'projects.create', { name: 'n', idea: 'i' })) as { id: number }
  const stream = await openStream(there, { projectId })
  await sleep(500)
  const delays: number[] = []
  for (let record = 1; record <= 10; record += 1) {
    // Past the rest of the feed, and at another moment of its poll each time.
    await sleep(100 + 37 * record)
    await call(here, 'costs.record', { projectId, ...USAGE })
    const start = performance.now()
    while (idsIn(stream.text()).length < record) await Promise.race([once(stream.response, 'data'), sleep(20)])
    delays.push(performance.now() - start)
  }
  console.info(`records reached the other server within ${delays.map(Math.round).join(', ')} ms`)
  expect(delays.toSorted((a, b) => a - b)[5]).toBeLessThan(100)
  expect(Math.max(...delays)).toBeLessThan(300)
})

test('a report is shared for five seconds by callers who may see the same, and says how old it is', async () => {
  const members = await Promise.all(['ann', 'ben'].map((name) => newMember(here, `${name}-${randomUUID()}`)))
  const [ann, ben] = members.map(({ apiKey }) => apiKey) as [string, string]
  for (const apiKey of [ann, ben])
    await call({ ...here, apiKey }, 'projects.create', { name: apiKey.slice(8, 12), idea: 'i' })
  type Report = { age: string | null; names: string[] }
  const read = async (url: string, apiKey: string): Promise<Report> => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` } })
    const body = JSON.parse(await response.text())
    const { items } = body.result?.data ?? body
    return { age: response.headers.get('age'), names: items.map(({ name }: { name: string }) => name) }
  }
  const ways = [
    `${here.url}/trpc/reports.projects`,
    `${there.url}/trpc/reports.projects`,
    `${there.url}/api/reports/projects`,
  ]
  const names = (apiKey: string) => [apiKey.slice(8, 12)]
  // Seconds pass between the reads when the machine is busy.
  const young = expect.stringMatching(/^[0-4]$/)
  for (const url of ways) {
    expect(await read(url, ann)).toEqual({ age: young, names: names(ann) })
    expect(await read(url, ben)).toEqual({ age: young, names: names(ben) })
    expect((await read(url, ADMIN_KEY)).names).toEqual(expect.arrayContaining([...names(ann), ...names(ben)]))
  }
  await call({ ...there, apiKey: ann }, 'projects.create', { name: 'new', idea: 'i' })
  await sleep(2_200)
  for (const url of ways)
    expect(await read(url, ann)).toEqual({ age: expect.stringMatching(/^[2-4]$/), names: names(ann) })
  await sleep(3_000)
  for (const url of ways) expect(await read(url, ann)).toEqual({ age: young, names: ['new', ...names(ann)] })
  const bound = { userId: members[0]?.id, name: 'bound', scopes: ['read'] }
  const { key } = (await call(here, 'apiKeys.create', bound)) as { key: string }
  expect((await read(ways[0] ?? '', key)).names).toEqual(['new', ...names(ann)])
})

test('whatever happens to Redis, the money is the same as without it, and nothing fails', {
  timeout: 180_000,
}, async () => {
  const failing = await startRedis()
  onTestFinished(() => failing.kill())
  const proxy = await breakingProxy(failing.url)
  onTestFinished(proxy.close)
  const databaseUrl = await postgres.migratedUrl()
  const folder = emptyFolder()
  const start = (more: Record<string, string>) => startServer(folder, { ...env, MGX_AUTO_MIGRATE: 'true', ...more })
  const shared = [
    await start({ DATABASE_URL: databaseUrl, REDIS_URL: proxy.url }),
    await start({ DATABASE_URL: databaseUrl, REDIS_URL: proxy.url }),
  ]
  const alone = [await start({ DATABASE_URL: await postgres.migratedUrl() })]
  const [sharing, single] = [shared, alone].map((some) => some.map(({ url }) => ({ url, apiKey: ADMIN_KEY }))) as [
    Caller[],
    Caller[],
  ]
  await vi.waitFor(() => expectShared(sharing), { timeout: 10_000, interval: 50 })

  const flush = () => failing.ask((client) => client.flushAll())
  /** Writes an earlier value of some other key into each key. */
  const lie = () =>
    failing.ask(async (client) => {
      const values = await Promise.all((await client.keys('mgx:*')).map((key) => client.get(key)))
      await sleep(1_000)
      const keys = await client.keys('mgx:*')
      for (const [at, key] of keys.entries()) await client.set(key, values[at % values.length] ?? '-5')
    })
  const faults = [
    { name: 'killed', begin: failing.kill, end: failing.start },
    { name: 'flushed', begin: flush, end: flush },
    { name: 'frozen', begin: failing.freeze, end: failing.thaw },
    { name: 'lying', begin: lie, end: lie },
    { name: 'partitioned', begin: proxy.silence, end: proxy.restore },
  ]
  const withoutRedis = await spendMoney(single, 'without Redis')
  expect(withoutRedis.reasons).toEqual({ 'reserve: ok': 60, 'reserve: budget_exceeded': 30, 'record: ok': 90 })
  for (const { name, begin, end } of faults) {
    const limited = await limitedKey(sharing)
    const work = spendMoney(sharing, name)
    work.catch(() => {})
    await sleep(300)
    await begin()
    await sleep(500)
    // The limit holds in each process at least.
    expect(await accepted(sharing, limited), name).toBeLessThanOrEqual(20)
    await end()
    const back = performance.now()
    await vi.waitFor(() => expectShared(sharing), { timeout: 5_000, interval: 50 })
    console.info(`${name}: shared again after ${Math.round(performance.now() - back)} ms`)
    const state = () => `${name}, afterwards: ${JSON.stringify(shared.map((server) => server.log().at(-1)))}`
    expect(await accepted(sharing, await limitedKey(sharing)), state()).toBe(10)
    expect(await work, name).toEqual(withoutRedis)
  }
  for (const [caller] of [sharing, single]) {
    expect(await call(caller as Caller, 'system.verify')).toMatchObject({ ok: true, drifts: [] })
  }
  for (const server of shared) {
    const lines = server.log().filter(({ level }) => level !== 'info')
    expect(lines.filter(({ msg }) => !String(msg).startsWith('Redis is gone'))).toEqual([])
    expect(lines.length).toBeGreaterThanOrEqual(3)
    expect(lines.length).toBeLessThanOrEqual(faults.length)
  }
})

/** Returns a key that may make ten calls a minute. */
async function limitedKey(callers: Caller[]): Promise<string> {
  const { id } = await newMember(callers[0])
  const limited = { name: 'limited', userId: id, callsPerMinute: 10 }
  return ((await call(callers[0] as Caller, 'apiKeys.create', limited)) as { key: string }).key
}

/** Returns how many of 40 calls on all servers are accepted. */
async function accepted(callers: Caller[], apiKey: string): Promise<number> {
  const calls = Array.from({ length: 40 }, (_, at) => {
    return reasonOf(call({ url: callers[at % callers.length]?.url ?? '', apiKey }, 'users.me'))
  })
  const reasons = await Promise.all(calls)
  expect(reasons.filter((reason) => reason !== 'ok' && reason !== 'rate_limited')).toEqual([])
  return reasons.filter((reason) => reason === 'ok').length
}

/** Spends money of new projects through all servers for some seconds, and returns what every call and total must be. */
async function spendMoney(callers: Caller[], name: string) {
  const projects = await Promise.all(
    [1, 2].map(async (number) => {
      const project = { name: `${name} ${number}`, idea: 'i', investment: '3' }
      return ((await call(callers[0] as Caller, 'projects.create', project)) as { id: number }).id
    }),
  )
  const reasons: Record<string, number> = {}
  const work = async (worker: number) => {
    for (let round = 0; round < 30; round += 1) {
      const caller = callers[(worker + (round >> 1)) % callers.length] as Caller
      // Each kind in a project of its own, so that the order of the calls does not change the totals.
      const isHold = round % 2 === 0
      const projectId = projects[isHold ? 0 : 1] ?? 0
      const input = { projectId, idempotencyKey: `${worker} ${round}`, ...(isHold ? { amount: '0.05' } : USAGE) }
      const reason = `${isHold ? 'reserve' : 'record'}: ${await reasonOf(call(caller, isHold ? 'budgets.reserve' : 'costs.record', input))}`
      reasons[reason] = (reasons[reason] ?? 0) + 1
      if (round % 8 === 0) await spend(caller)
      await sleep(60)
    }
  }
  await Promise.all([0, 1, 2, 3, 4, 5].map(work))
  const budgets = await Promise.all(
    projects.map((projectId) => call(callers.at(-1) as Caller, 'budgets.get', { projectId })),
  )
  const totals = budgets.map((budget) => ({ ...(budget as object), projectId: undefined }))
  return { reasons, totals }
}
