import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyWays } from '../testing/body-ways.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

type Problem = { reason?: string; message?: string; details?: { fields?: { path: string }[] } }
type Answer = Problem & { error?: { message: string; data: Problem } }

describe.each(testDatabases)('on $name', (database) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await database.migratedUrl() })
  })
  afterAll(() => server.close())

  async function post(path: string, body: string) {
    const headers = { authorization: `Bearer ${server.adminApiKey}`, 'content-type': 'application/json' }
    return factsOf(await fetch(server.url + path, { method: 'POST', headers, body }))
  }
  async function factsOf(response: Response) {
    const [body] = [(await response.json()) as Answer | Answer[]].flat()
    const { reason, message = body?.error?.message, details } = body?.error?.data ?? body ?? {}
    return { status: response.status, reason, message, fields: details?.fields }
  }
  /** Returns a body whose project has these members too. */
  const bodyWith = (isBatch: boolean, members: string) => {
    const project = `{"name":"Snake","idea":"A game",${members}}`
    return isBatch ? `{"0":${project}}` : project
  }
  const projects = async () => Number((await server.services.db('projects').count({ n: '*' }))[0]?.n)

  describe.each(bodyWays)('%s', (_name, path, isBatch) => {
    test.each([
      ['5,000 levels of lists', `"metadata":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 'levels'],
      ['5,000 levels of objects', `"metadata":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 'levels'],
      ['5,000 open lists', `"metadata":{"a":${'['.repeat(5_000)}`, 'levels'],
      ['100,000 keys', `"metadata":{${Array.from({ length: 100_000 }, (_, n) => `"${n}":1`)}}`, 'keys'],
      ['100,000 equal keys', `"metadata":{${Array(100_000).fill('"a":1')}}`, 'keys'],
    ])('with %s is refused before it is parsed', async (_what, members, word) => {
      expect(await post(path, bodyWith(isBatch, members))).toMatchObject({
        status: 400,
        reason: 'invalid_input',
        message: expect.stringMatching(`^the JSON .*${word}`),
      })
      expect(await projects()).toBe(0)
    })

    test.each([
      ['__proto__', '"__proto__":{"role":"admin"}', ''],
      ['__proto__ in metadata', '"metadata":{"__proto__":{"role":"admin"}}', 'metadata'],
      ['__proto__ deep in metadata', '"metadata":{"a":[{"__proto__":1}]}', 'metadata'],
      ['constructor.prototype', '"constructor":{"prototype":{"role":"admin"}}', 'constructor'],
      ['a lone surrogate', '"workspacePath":"\\ud800"', 'workspacePath'],
      ['a lone surrogate in metadata', '"metadata":{"a":"\\udc00"}', 'metadata'],
      ['a lone surrogate as a key', '"metadata":{"\\ud800":1}', 'metadata'],
      ['a NUL', '"workspacePath":"\\u0000"', 'workspacePath'],
    ])('with %s is refused', async (_what, members, field) => {
      const facts = await post(path, bodyWith(isBatch, members))
      expect(facts).toMatchObject({ status: 400, reason: 'invalid_input' })
      if (field) expect(facts.fields?.[0]?.path).toBe(field)
      expect(({} as Record<string, unknown>).role).toBe(undefined)
      expect(await projects()).toBe(0)
    })
  })

  test.each([
    ['a plain call', '/trpc/projects.get?input='],
    ['a batch', '/trpc/projects.get,projects.get?batch=1&input='],
    ['the stock adapter', '/trpc/projects.get?unusual=1&input='],
    ['a stream', '/trpc/costs.watch?input='],
    ['parameters of a connection', '/trpc/costs.watch?connectionParams='],
  ])('5,000 levels in the URL of %s are refused', async (_name, path) => {
    for (const text of ['['.repeat(5_000), `{"id":${'[{"a":'.repeat(1_500)}`]) {
      const response = await fetch(server.url + path + text, {
        headers: { authorization: `Bearer ${server.adminApiKey}`, accept: 'text/event-stream' },
      })
      expect(await factsOf(response)).toMatchObject({ status: 400, message: expect.stringMatching(/levels deep$/) })
    }
  })

  test('what a caller may send is within the limits', async () => {
    const deep = (levels: number): object => (levels === 1 ? { a: 1 } : { a: deep(levels - 1) })
    const project = { name: 'Deep', idea: 'A game', metadata: deep(32) }
    const batch = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [index, project]))
    const path = `/trpc/${Array(50).fill('projects.create')}?batch=1`
    expect((await post(path, JSON.stringify(batch))).status).toBe(200)
    const record = {
      projectId: 1,
      model: 'gpt-4o',
      promptTokens: 1_000,
      completionTokens: 1_000,
      totalCost: '0.001',
      actionType: 'WritePRD',
      provider: 'openai',
      serviceTier: 'batch',
      cachedPromptTokens: 1,
      cacheWriteTokens: 1,
      cacheWrite1hTokens: 1,
      audioPromptTokens: 1,
      cachedAudioPromptTokens: 1,
      audioCompletionTokens: 1,
      usageSource: 'estimated',
    }
    const records = Array.from({ length: 1_000 }, (_, index) => ({ ...record, idempotencyKey: `record-${index}` }))
    for (const each of ['/trpc/costs.recordMany', '/trpc/costs.recordMany?unusual=1', '/api/costs'])
      expect(await post(each, JSON.stringify({ records }))).toMatchObject({ status: 200 })
  })

  test('10,000 commas in the path of a batch are refused, each in no time', async () => {
    const headers = { authorization: `Bearer ${server.adminApiKey}` }
    const start = performance.now()
    for (const path of [','.repeat(10_000), 'a,'.repeat(5_000), '%2C'.repeat(5_000), 'users.me,'.repeat(1_500)]) {
      for (const search of ['?batch=1', '?batch=1&unusual=1']) {
        const response = await fetch(`${server.url}/trpc/${path}${search}`, { headers })
        expect(await factsOf(response)).toMatchObject({ status: 400, reason: 'invalid_input' })
      }
    }
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})

describe('on the wire', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.close())

  const BODY = '{"name":"Snake","idea":"A game"}'
  /** More than the kernel's buffers take. */
  const SIX_MEBIBYTES: string[] = Array(96).fill('x'.repeat(65_536))
  const CHUNK = `10000\r\n${'x'.repeat(65_536)}\r\n`

  /** Sends a head and what `more` yields until the server closes the connection, for at most 64 MiB. */
  async function send(path: string, headers: string[], body: Iterable<string>, { readsLast = false } = {}) {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {})
    let answer = ''
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text
    })
    if (readsLast) socket.pause()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const head = [`POST ${path} HTTP/1.1`, 'Host: a', 'Content-Type: application/json', ...headers]
    socket.write(`${[...head, `Authorization: Bearer ${server.adminApiKey}`].join('\r\n')}\r\n\r\n`)
    let sent = 0
    for (const part of body) {
      if (socket.destroyed || sent > 64 << 20) break
      sent += part.length
      if (!socket.write(part)) await Promise.race([once(socket, 'drain').catch(() => {}), closed])
    }
    if (readsLast) {
      // Until after the response has arrived.
      await sleep(200)
      socket.resume()
    }
    await closed
    return { answer, sent }
  }
  function* endless(part: string): Generator<string> {
    for (;;) yield part
  }

  describe.each(bodyWays)('%s', (_name, path) => {
    test('chunks without end are refused after 1 MiB', async () => {
      let [answer, sent] = ['', 0]
      // A caller that sends on past what is read is reset, which may overtake the answer.
      for (let attempt = 0; answer === '' && attempt < 10; attempt++)
        ({ answer, sent } = await send(path, ['Transfer-Encoding: chunked'], endless(CHUNK)))
      expect(answer).toMatch(/^HTTP\/1.1 413 [\s\S]*"reason":"payload_too_large"/)
      // What the kernel's buffers take besides.
      expect(sent).toBeLessThan(24 << 20)
    })

    test('6 MiB are refused, and a caller that reads only when it has sent them gets the response', async () => {
      const { answer } = await send(path, [`Content-Length: ${6 << 20}`], SIX_MEBIBYTES, { readsLast: true })
      expect(answer).toMatch(/^HTTP\/1.1 413 [\s\S]*"reason":"payload_too_large"/)
    })

    test('a caller that announces more than it sends is disconnected after the response', async () => {
      const begin = performance.now()
      const { answer } = await send(path, [`Content-Length: ${2 << 20}`], ['x'])
      expect(answer).toMatch(/^HTTP\/1.1 413 [\s\S]*connection: close/i)
      expect(performance.now() - begin).toBeLessThan(10_000)
    })

    test('a Content-Length that is too small does not make a request of the rest', async () => {
      const { answer } = await send(path, ['Content-Length: 5'], [BODY])
      const statuses = [...answer.matchAll(/^HTTP\/1.1 (\d+) /gm)].map(([, status]) => status)
      expect(statuses).toEqual(['400', '400'].slice(0, statuses.length))
      expect(answer).toMatch(/connection: close/i)
    })

    test.each([
      ['two of it', ['Content-Length: 5', 'Content-Length: 6']],
      ['a list of it', ['Content-Length: 32, 32']],
      ['a negative one', ['Content-Length: -1']],
      ['one in hexadecimal', ['Content-Length: 0x20']],
      ['one beside chunks', ['Content-Length: 32', 'Transfer-Encoding: chunked']],
      ['an encoding of the transfer that is unknown', ['Transfer-Encoding: gzip']],
    ])('a lying Content-Length: %s', async (_what, headers) => {
      const { answer } = await send(path, [...headers, 'Connection: close'], [BODY])
      expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*"reason":"invalid_input"/)
    })

    test('gzip is refused, not unpacked', async () => {
      const { answer } = await send(
        path,
        ['Content-Encoding: gzip', 'Content-Length: 5', 'Connection: close'],
        ['12345'],
      )
      expect(answer).toMatch(/^HTTP\/1.1 415 [\s\S]*"reason":"unsupported_media_type"/)
    })
  })

  test('nothing was created', async () => {
    expect(await server.services.db('projects').select()).toEqual([])
  })
})
