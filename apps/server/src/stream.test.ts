import { once } from 'node:events'
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { call } from './testing/rpc.js'
import { startTestServer, type TestServer } from './testing.js'

let server: TestServer
let projectId: number
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(async () => {
  ;({ id: projectId } = (await rpc('projects.create', { name: 'Snake', idea: 'A game', investment: '1000' })) as {
    id: number
  })
})
afterAll(() => server.close())

const rpc = (procedure: string, input: unknown) =>
  call({ url: server.url, apiKey: server.adminApiKey }, procedure, input)
const write = (count: number) =>
  rpc('costs.recordMany', {
    records: Array(count).fill({
      projectId,
      model: 'm'.repeat(200),
      actionType: 'a'.repeat(100),
      promptTokens: 1,
      completionTokens: 1,
      totalCost: '0.000001',
    }),
  })

/** A stream as it comes over the wire, without a client that would make something of it. */
async function open(
  input: object,
  headers: OutgoingHttpHeaders = {},
): Promise<{ stream: IncomingMessage; text(): string }> {
  const asking = request(`${server.url}/trpc/costs.watch?input=${encodeURIComponent(JSON.stringify(input))}`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${server.adminApiKey}`, ...headers },
  })
  onTestFinished(() => {
    asking.destroy()
  })
  asking.on('error', () => undefined).end()
  const [stream] = (await once(asking, 'response')) as [IncomingMessage]
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  return { stream, text: () => text }
}

const idsIn = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))

describe('a stream', () => {
  test('is what an EventSource reads, and says where to go on from', async () => {
    await write(3)
    const { stream, text } = await open({ projectId, lastEventId: 0 })
    await expect.poll(() => idsIn(text())).toHaveLength(3)
    expect(stream.statusCode).toBe(200)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'last-event-id': '0',
      'x-request-id': expect.any(String),
      connection: 'close',
    })
    expect(text()).toContain('event: connected\ndata: {"reconnectAfterInactivityMs":45000}')
    expect(text()).toMatch(/data: \{"record":\{"id":\d+,.*\},"budget":\{.*\}\}\n/)
    expect(text()).not.toMatch(/idempotency|requestHash|userId/)
  })

  test('goes on after the Last-Event-ID that a browser sends', async () => {
    await write(5)
    const { text } = await open({ projectId, lastEventId: 0 })
    await expect.poll(() => idsIn(text())).toHaveLength(5)
    const ids = idsIn(text())
    const { text: again } = await open({ projectId }, { 'last-event-id': String(ids[2]) })
    await expect.poll(() => idsIn(again())).toEqual(ids.slice(3))
  })

  test('that is refused says why, in the form of every refusal', async () => {
    const { text, stream } = await open({ projectId: 999_999 })
    await once(stream, 'end')
    const [, data = ''] = /event: serialized-error\ndata: (.*)\n/.exec(text()) ?? []
    expect(JSON.parse(data)).toMatchObject({
      message: 'project not found',
      data: { reason: 'not_found', httpStatus: 404, path: 'costs.watch', requestId: expect.any(String) },
    })
  })

  test('takes no memory for a reader that is slow, and sends him all of it in the end', async () => {
    for (let round = 0; round < 15; round += 1) await write(1_000)
    let reads = 0
    server.services.db.on('query', ({ sql }: { sql: string }) => {
      if (/^select .*cost_records/.test(sql)) reads += 1
    })
    const { stream, text } = await open({ projectId, lastEventId: 0 })
    stream.pause()
    // Who follows new records looks for them twice a second; a page for this reader is read much sooner.
    for (let before = -10; reads - before > 3; ) {
      before = reads
      await sleep(700)
    }
    // There are 150 pages. What was read so far lies in the buffers of the two sockets.
    expect(reads).toBeLessThan(110)
    stream.resume()
    await expect.poll(() => idsIn(text()).length, { timeout: 20_000, interval: 500 }).toBe(15_000)
    const ids = idsIn(text())
    expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0))).toBe(true)
  })
})
