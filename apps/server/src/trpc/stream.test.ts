import type { OutgoingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { idsIn, openStream, refusalIn } from '../testing/raw-stream.js'
import { call } from '../testing/rpc.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

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

const open = (input: object, headers: OutgoingHttpHeaders = {}) =>
  openStream({ url: server.url, apiKey: server.adminApiKey }, input, { headers })

describe('a stream', () => {
  test('is readable by an EventSource, and says where to resume', async () => {
    await write(3)
    const { response, text } = await open({ projectId, lastEventId: 0 })
    await expect.poll(() => idsIn(text())).toHaveLength(3)
    expect(response.statusCode).toBe(200)
    expect(response.headers).toMatchObject({
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
    const { text, closed } = await open({ projectId: 999_999 })
    await closed
    expect(refusalIn(text())).toMatchObject({
      message: 'project not found',
      data: { reason: 'not_found', httpStatus: 404, path: 'costs.watch', requestId: expect.any(String) },
    })
  })

  test('takes no memory for a slow reader, which receives everything in the end', async () => {
    for (let round = 0; round < 15; round += 1) await write(1_000)
    let reads = 0
    server.services.db.on('query', ({ sql }: { sql: string }) => {
      if (/^select .*cost_records/.test(sql)) reads += 1
    })
    const { response, text } = await open({ projectId, lastEventId: 0 })
    response.pause()
    // New records are polled twice a second; pages for this reader are read much sooner.
    for (let before = -10; reads - before > 3; ) {
      before = reads
      await sleep(700)
    }
    // There are 150 pages. Those read so far are in the buffers of the two sockets.
    expect(reads).toBeLessThan(110)
    response.resume()
    await expect.poll(() => idsIn(text()).length, { timeout: 20_000, interval: 500 }).toBe(15_000)
    const ids = idsIn(text())
    expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0))).toBe(true)
  })
})
