import { describe, expect, test } from 'vitest'
import { emptyFolder, printedKey, startServer } from '../testing/server-process.js'
import { type Answered, accessLog } from './access-line.js'
import { createLog } from './log.js'

const POST = { method: 'POST', url: '/trpc/costs.record', headers: {} }
const answered: Answered = {
  requestId: 'a',
  status: 200,
  milliseconds: 1,
  address: '127.0.0.1',
  context: undefined,
  refusal: undefined,
}

function lines(share: number, write: (log: ReturnType<typeof accessLog>) => void): Record<string, unknown>[] {
  const written: string[] = []
  const log = createLog({ level: 'info', format: 'json', stream: { write: (line) => void written.push(line) } })
  write(accessLog(log, share))
  return written.map((line) => JSON.parse(line))
}

describe('the sample of requests', () => {
  const success = { path: 'costs.record', reason: undefined, milliseconds: 1 }
  const failure = { path: 'costs.record', reason: 'budget_exceeded', milliseconds: 1 } as const
  const contextOf = (...calls: (typeof success | typeof failure)[]) => ({
    calls,
    trace: { id: undefined, begin: () => undefined },
    knownActor: () => undefined,
  })
  const failures: [name: string, Partial<Answered>][] = [
    ['a refused call', { status: 402, context: contextOf(failure) }],
    ['a batch with a refused call', { status: 207, context: contextOf(success, failure, success) }],
    ['a stream that failed after it began', { status: 200, context: contextOf(failure) }],
    ['a refused request', { status: 404, refusal: 'not_found' }],
    ['a failure without a reason', { status: 500 }],
  ]

  test.each(failures)('never leaves out %s', (_, given) => {
    const requests = Array.from({ length: 500 }, (_each, index) => ({
      ...answered,
      ...given,
      requestId: `req-${index}`,
    }))
    const logged = lines(0, (log) => {
      for (const request of requests) log(POST, request)
    })
    expect(logged.map(({ requestId }) => requestId)).toEqual(requests.map(({ requestId }) => requestId))
  })

  test('leaves out the other successes, all of one trace together', () => {
    const requests = (traceId: string | undefined) =>
      Array.from({ length: 500 }, (_, index) => {
        const context = { ...contextOf(success), trace: { id: traceId, begin: () => undefined } }
        return { ...answered, requestId: `req-${index}`, context }
      })
    const count = (share: number, traceId?: string) =>
      lines(share, (log) => {
        for (const request of requests(traceId)) log(POST, request)
      }).length
    expect([count(0), count(1)]).toEqual([0, 500])
    expect(Math.abs(count(0.2) - 100)).toBeLessThan(54)
    const traces = Array.from({ length: 40 }, (_, index) => count(0.5, `${index}`.padStart(32, '0')))
    expect(new Set(traces)).toEqual(new Set([0, 500]))
  })
})

test('the line of a request has who called, the procedures, and why each failed', async () => {
  const server = await startServer(emptyFolder(), { MGX_SEED: 'false' })
  const authorization = `Bearer ${printedKey(server)}`
  async function lineOf(path: string, { headers = { authorization } as Record<string, string>, body = '' } = {}) {
    const requestId = crypto.randomUUID()
    const response = await fetch(server.url + path, {
      ...(body && { method: 'POST', body }),
      headers: { ...headers, 'x-request-id': requestId, ...(body && { 'content-type': 'application/json' }) },
    })
    await response.text()
    const found = () => server.log().filter((line) => line.requestId === requestId)
    await expect.poll(found).toHaveLength(1)
    return found()[0] as Record<string, unknown>
  }
  const admin = { actor: 'user:1', credential: 'apiKey:1', address: '127.0.0.1' }
  const success = { ...admin, outcome: 'success', milliseconds: expect.any(Number) }
  const me = { ...success, procedure: 'users.me' }
  for (const path of ['/trpc/users.me', '/api/users/me', '/trpc/users.me?unusual=1']) {
    const line = await lineOf(path)
    expect(line, path).toMatchObject(me)
    expect(line, path).not.toHaveProperty('reason')
  }
  expect(await lineOf('/trpc/users.me', { headers: { authorization: 'Bearer wrong' } })).toSatisfy(
    (line: object) => !('actor' in line || 'credential' in line),
  )
  const refused = { outcome: 'failure' }
  const missing = { ...admin, ...refused, procedure: 'projects.get', reason: 'not_found' }
  const input = encodeURIComponent('{"id":7}')
  const expected: [path: string, line: object, options?: Parameters<typeof lineOf>[1]][] = [
    ['/trpc/users.me', { ...refused, procedure: 'users.me', reason: 'unauthenticated' }, { headers: {} }],
    ['/api/users/me', { ...refused, procedure: 'users.me', reason: 'unauthenticated' }, { headers: {} }],
    ['/trpc/users.me?unusual=1', { ...refused, procedure: 'users.me', reason: 'unauthenticated' }, { headers: {} }],
    ['/trpc/projects.get', missing, { body: '{"id":7}' }],
    ['/api/projects/7', missing],
    [`/trpc/projects.get?input=${input}&unusual=1`, missing],
    ['/trpc/projects.get', { ...missing, reason: 'invalid_input' }, { body: '{"id":"x"}' }],
    // Refused before there is a procedure to call.
    ['/trpc/no.such', { ...refused, procedure: 'no.such', reason: 'not_found' }, { body: '{}' }],
    ['/trpc/no.such?unusual=1', { ...refused, procedure: 'no.such', reason: 'not_found' }],
    ['/trpc/users.create', { ...refused, procedure: 'users.create', reason: 'method_not_allowed' }],
    ['/trpc/users.me', { ...refused, reason: 'invalid_input' }, { body: '{"' }],
    ['/trpc/users.me?input={', { ...refused, reason: 'invalid_input' }],
    ['/nowhere', { ...refused, reason: 'not_found' }],
    ['/api/%zz', { ...refused, reason: 'invalid_input' }],
    ['/oauth/token', { ...refused, reason: 'invalid_input' }, { body: '{}' }],
  ]
  for (const [path, line, options] of expected) expect(await lineOf(path, options), path).toMatchObject(line)

  const batch = await lineOf('/trpc/users.me,projects.get,no.such?batch=1', { body: '{"1":{"id":7}}' })
  expect(batch).toMatchObject({ ...admin, ...refused, status: 207 })
  const inOrder = (batch.calls as { procedure: string }[]).toSorted((a, b) => (a.procedure < b.procedure ? -1 : 1))
  expect(inOrder).toEqual([
    { procedure: 'no.such', reason: 'not_found', milliseconds: 0 },
    { procedure: 'projects.get', reason: 'not_found', milliseconds: expect.any(Number) },
    { procedure: 'users.me', milliseconds: expect.any(Number) },
  ])
})
