import { CreatedApiKey, CreatedSession, Project } from '@mgx/contract'
import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStream, type RawStream, refusalIn } from '../testing/raw-stream.js'
import { call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const STREAMS_OF_KEY = 20
const refusal = {
  message: 'this API key and its sessions may have at most 20 open streams',
  data: {
    reason: 'rate_limited',
    httpStatus: 429,
    code: 'TOO_MANY_REQUESTS',
    details: { limit: STREAMS_OF_KEY, retryAfterSeconds: expect.any(Number) },
  },
}

describe.each(testDatabases)('the streams of an API key on $name', ({ url: newDatabase }) => {
  let server: TestServer
  let projectId: number
  let floodedId: number
  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await newDatabase() })
    const newProject = async () =>
      Project.parse(await as(server.adminApiKey)('projects.create', { name: 'n', idea: 'i', investment: '1000' })).id
    projectId = await newProject()
    floodedId = await newProject()
  })
  afterAll(() => server?.close())

  const as = (apiKey: string) => (procedure: string, input?: unknown) =>
    call({ url: server.url, apiKey }, procedure, input)
  const newKey = async () => CreatedApiKey.parse(await as(server.adminApiKey)('apiKeys.create', { name: 'watcher' }))
  const newSession = async (apiKey: string) => CreatedSession.parse(await as(apiKey)('sessions.create', {}))
  const open = (apiKey: string, method: 'GET' | 'POST' = 'GET', input: object = {}) =>
    openStream({ url: server.url, apiKey }, { projectId, ...input }, { method })
  const isOpen = async ({ text }: RawStream) => {
    await expect.poll(text).toContain('event: connected')
    return refusalIn(text()) === undefined
  }
  async function expectRefused(apiKey: string, method: 'GET' | 'POST'): Promise<void> {
    const { closed, text } = await open(apiKey, method)
    await closed
    expect(refusalIn(text())).toMatchObject(refusal)
  }
  const flood = () => {
    const cost = {
      projectId: floodedId,
      model: 'm'.repeat(200),
      promptTokens: 1,
      completionTokens: 1,
      totalCost: '0.000001',
    }
    return as(server.adminApiKey)('costs.recordMany', { records: Array(1_000).fill(cost) })
  }

  test('are at most twenty, including those of its sessions, and each that ends makes room for another', async () => {
    const { key } = await newKey()
    const { session, token } = await newSession(key)
    const bySession = await open(token, 'GET')
    const stalled = await open(key, 'POST', { projectId: floodedId })
    stalled.response.pause()
    const others = await Promise.all(
      Array.from({ length: STREAMS_OF_KEY - 2 }, (_, index) =>
        open(index % 3 === 0 ? token : key, index % 2 === 0 ? 'GET' : 'POST'),
      ),
    )
    for (const stream of others) expect(await isOpen(stream)).toBe(true)
    await Promise.all([expectRefused(key, 'GET'), expectRefused(key, 'POST'), expectRefused(token, 'GET')])
    const other = await newKey()
    expect(await isOpen(await open(other.key))).toBe(true)

    const tryAgain = async (credential: string, method: 'GET' | 'POST') => {
      await expect
        .poll(async () => isOpen(await open(credential, method)), { timeout: 10_000, interval: 100 })
        .toBe(true)
      await expectRefused(credential, method)
    }
    // The client disconnects; a client that does not read disconnects; its project is refused; its session ends.
    others[0]?.abandon()
    await tryAgain(key, 'GET')
    for (let round = 0; round < 5; round += 1) await flood()
    stalled.abandon()
    await tryAgain(key, 'POST')
    others[1]?.abandon()
    const refused = await open(key, 'GET', { projectId: 999_999 })
    await refused.closed
    expect(refusalIn(refused.text())).toMatchObject({ data: { reason: 'not_found' } })
    await tryAgain(key, 'GET')
    await as(key)('sessions.close', { id: session.id })
    await bySession.closed
    await expect.poll(async () => isOpen(await open(key)), { timeout: 10_000, interval: 100 }).toBe(true)
  }, 120_000)

  test('of a client that repeatedly connects and disconnects at once take no room', async () => {
    const { key } = await newKey()
    for (let round = 0; round < 60; round += 1) {
      const opening = open(key, round % 2 === 0 ? 'GET' : 'POST')
      if (round % 3 === 0) await opening
      opening.then(
        ({ abandon }) => abandon(),
        () => undefined,
      )
    }
    const last: RawStream[] = []
    await expect
      .poll(
        async () => {
          last.push(await open(key))
          return isOpen(last.at(-1) as RawStream)
        },
        { timeout: 20_000, interval: 200 },
      )
      .toBe(true)
  }, 120_000)
})
