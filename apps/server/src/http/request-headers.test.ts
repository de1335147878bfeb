import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.js'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const BODY = '{"name":"Snake","idea":"A game"}'
const json = ['Content-Type: application/json', `Content-Length: ${BODY.length}`]
/** Every way in which a request is handled. */
const ways: [name: string, line: string, headers: string[], body: string][] = [
  ['a plain call', 'POST /trpc/projects.create', json, BODY],
  ['a plain call by GET', 'GET /trpc/users.me', [], ''],
  [
    'a plain batch',
    'POST /trpc/users.me,users.me?batch=1',
    ['Content-Type: application/json', 'Content-Length: 2'],
    '{}',
  ],
  ['a call that the stock adapter answers', 'POST /trpc/projects.create?unusual=1', json, BODY],
  ['a subscription', 'GET /trpc/costs.watch?input=%7B%22projectId%22%3A1%7D', [], ''],
  ['REST', 'POST /api/projects', json, BODY],
  ['REST by GET', 'GET /api/users/me', [], ''],
]

async function send(line: string, headers: string[], body: string): Promise<{ status: number; body: unknown }> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text
  })
  socket.write(`${[`${line} HTTP/1.1`, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`)
  await once(socket, 'close')
  return { status: Number(answer.slice(9, 12)), body: JSON.parse(/^\{.*\}$/m.exec(answer)?.[0] ?? 'null') }
}

describe.each(ways)('%s', (_name, line, headers, body) => {
  const bearer = () => `Authorization: Bearer ${server.adminApiKey}`
  const cases: [header: string, lines: () => string[]][] = [
    ['Authorization', () => [bearer(), bearer()]],
    ['Authorization', () => [bearer(), 'authorization: Bearer mgx_key_other']],
    ['Authorization', () => ['AUTHORIZATION: Basic x', bearer()]],
    ['Idempotency-Key', () => [bearer(), 'Idempotency-Key: a', 'idempotency-key: b']],
    ['Idempotency-Key', () => [bearer(), 'Idempotency-Key: a', 'Idempotency-Key: a']],
    ['Content-Type', () => [bearer(), 'Content-Type: application/json', 'Content-Type: text/plain']],
    ['Host', () => [bearer(), 'Host: elsewhere']],
  ]
  test.each(cases)('with two of %s is refused, and nothing is done', async (header, lines) => {
    const answer = await send(line, ['Host: localhost', ...headers, ...lines()], body)
    const facts = answer.body as { error?: { data: object } }
    expect(facts.error?.data ?? facts).toMatchObject({
      reason: 'invalid_input',
      details: { fields: [{ path: header, message: 'is given more than once' }] },
    })
    expect(answer.status).toBe(400)
  })
})

test.each(ways)('%s with more than 100 headers is refused', async (_name, line, headers, body) => {
  const bearer = `Authorization: Bearer ${server.adminApiKey}`
  const given = ['Host: localhost', 'Connection: close', ...headers, bearer]
  // `send` adds Connection.
  const more = (count: number) => Array.from({ length: count - given.length }, (_, index) => `X-${index}: 1`)
  const answer = await send(line, [...given.slice(0, 1), ...given.slice(2), ...more(101)], body)
  expect(answer.status).toBe(400)
  expect(JSON.stringify(answer.body)).toContain('must be at most 100')
})

test('100 headers are accepted, 1,500 refused', async () => {
  const bearer = `Authorization: Bearer ${server.adminApiKey}`
  const more = (count: number) => Array.from({ length: count - 3 }, (_, index) => `${index}: 1`)
  const statuses = [100, 1_500].map(async (count) =>
    send('GET /api/users/me', ['Host: localhost', bearer, ...more(count)], ''),
  )
  expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([200, 400])
})

test('nothing was created', async () => {
  const bearer = `Authorization: Bearer ${server.adminApiKey}`
  const { status, body } = await send('GET /api/projects', ['Host: localhost', bearer], '')
  expect([status, body]).toEqual([200, { items: [], nextCursor: null }])
})

test('headers that may be repeated are accepted', async () => {
  const more = [
    `Authorization: Bearer ${server.adminApiKey}`,
    'Accept: a/b',
    'Accept: */*',
    'Cookie: a=1',
    'Cookie: b=2',
  ]
  expect((await send('GET /api/users/me', ['Host: localhost', ...more], '')).status).toBe(200)
})
