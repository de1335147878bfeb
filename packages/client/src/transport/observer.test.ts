import { startTestServer, type TestServer } from '@mgx/server/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type AnsweredRequest, contractHash, createMgxClient, type MgxRequest } from '../index.js'
import { answered, clientOver, failureOf } from '../testing/client-over.js'
import { answerJson } from '../testing/stand-in-network.js'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
afterEach(() => vi.restoreAllMocks())

function observed() {
  const requests: MgxRequest[] = []
  const answers: AnsweredRequest[] = []
  const log: unknown[] = []
  const write = (...line: unknown[]) => void log.push(line)
  const mgx = createMgxClient({
    url: server.url,
    apiKey: server.adminApiKey,
    headers: { cookie: 'secret-crumb' },
    onRequest: (request) => requests.push(request),
    onResponse: (answer) => answers.push(answer),
    logger: { debug: write, warn: write },
  })
  return { mgx, requests, answers, log }
}

describe('the hooks', () => {
  test('receive every request and its response', async () => {
    const { mgx, requests, answers, log } = observed()
    await Promise.all([mgx.users.me(), failureOf(mgx.projects.get({ id: 999 }))])
    const url = `${server.url}/trpc/users.me,projects.get?batch=1`
    expect(requests).toMatchObject([{ url, paths: ['users.me', 'projects.get'], body: { 1: { id: 999 } } }])
    expect(answers).toMatchObject([{ url, durationMs: expect.any(Number), response: { status: 207 } }])
    expect(answers[0]?.answer).toMatchObject([{ result: { data: { role: 'admin' } } }, { error: { code: -32004 } }])
    expect(answers[0]?.response.requestId).toMatch(/./)
    expect(log).toEqual([
      ['mgx: sending users.me,projects.get', requests[0]],
      ['mgx: users.me,projects.get returned 207', answers[0]],
    ])
  })

  test('receive the request and response of a stream', async () => {
    const { mgx, requests, answers } = observed()
    const { id: projectId } = await mgx.projects.create({ name: 'a', idea: 'b' })
    await mgx.costs.record({ projectId, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.1' })
    for await (const { record } of mgx.costs.watch({ projectId, lastEventId: 0 })) {
      expect(record.totalCost).toBe('0.1')
      break
    }
    expect(requests.at(-1)).toMatchObject({ paths: ['costs.watch'], body: { projectId, lastEventId: 0 } })
    expect(answers.at(-1)).toMatchObject({ paths: ['costs.watch'], response: { status: 200 }, answer: undefined })
  })

  test('never receive a secret, wherever it appears', async () => {
    const { mgx, requests, answers, log } = observed()
    const chosen = 'a-key-that-the-caller-chose'
    await mgx.users.create({ username: 'ada', email: 'ada@example.com', apiKey: chosen })
    const { user, apiKey } = await mgx.users.create({ username: 'bob', email: 'bob@example.com' })
    const { key } = await mgx.apiKeys.create({ userId: user.id, name: 'second' })
    const { token } = await mgx.sessions.create()
    await mgx.sessions.verify({ token })
    await mgx.projects.create({ name: `it is ${key}`, idea: 'x', metadata: { password: 'swordfish' } })
    const secrets = [chosen, apiKey, key, token, 'swordfish', 'secret-crumb', server.adminApiKey]
    const told = JSON.stringify([requests, answers, log])
    for (const secret of secrets) expect(told).not.toContain(secret)
    expect(told).toContain('"username":"bob"')
    expect(requests).toHaveLength(6)
  })

  test('may throw without failing the call', async () => {
    const warn = vi.fn()
    const broken = () => {
      throw new Error('broken')
    }
    const { mgx } = await clientOver((_, response) => answerJson(response, answered), {
      onRequest: broken,
      onResponse: broken,
      logger: { debug() {}, warn },
    })
    expect(await mgx.users.me()).toEqual({ answer: 42 })
    expect(warn.mock.calls).toEqual(Array(2).fill(['mgx: a hook threw', { error: new Error('broken') }]))
  })

  test('a retry is logged with its cause', async () => {
    const debug = vi.fn()
    const { mgx } = await clientOver(
      (_, response, before) => (before === 0 ? response.destroy() : answerJson(response, answered)),
      { logger: { debug, warn() {} } },
    )
    await mgx.users.me()
    const lines = debug.mock.calls.map(([line]) => line)
    expect(lines).toContainEqual(
      expect.stringMatching(/^mgx: retrying users.me in \d+ ms: ConnectionError: users.me: no response from/),
    )
  })
})

describe('a server with another contract', () => {
  const overServerWith = (contract: string, options = {}) =>
    clientOver((_, response) => {
      response.setHeader('x-mgx-contract', contract)
      answerJson(response, answered)
    }, options)

  test('causes one warning per client, on the console without a logger', async () => {
    const onConsole = vi.spyOn(console, 'warn').mockReturnValue()
    const warn = vi.fn()
    const { mgx, url } = await overServerWith('0123456789abcdef', { logger: { debug() {}, warn } })
    await mgx.users.me()
    await mgx.users.me()
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('different versions'), { client: contractHash, server: '0123456789abcdef' }],
    ])
    expect(onConsole).not.toHaveBeenCalled()
    await createMgxClient({ url, apiKey: 'k' }).users.me()
    expect(onConsole).toHaveBeenCalledOnce()
  })

  test('is not detected when calls and streams return the client’s contract', async () => {
    const onConsole = vi.spyOn(console, 'warn').mockReturnValue()
    const mgx = createMgxClient({ url: server.url, apiKey: server.adminApiKey })
    const { response } = await mgx.users.me().withResponse()
    expect(response.headers.get('x-mgx-contract')).toBe(contractHash)
    expect(onConsole).not.toHaveBeenCalled()
  })
})
