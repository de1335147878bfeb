import { once } from 'node:events'
import { connect } from 'node:net'
import { contractHash } from '@mgx/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.js'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

type Request = {
  path?: string
  method?: string
  body?: string | FormData | Uint8Array
  headers?: Record<string, string>
}

const json = { 'content-type': 'application/json' }
const procedure = '/trpc/projects.create'
const body = '{"name":"Snake","idea":"A game"}'
const form = new FormData()
form.set('name', 'Snake')

async function send({ path = procedure, headers, ...init }: Request): Promise<Response> {
  return fetch(server.url + path, { ...init, headers: { authorization: `Bearer ${server.adminApiKey}`, ...headers } })
}

const batchOf = (calls: number) => `/trpc/${Array(calls).fill('system.health').join(',')}?batch=1`

const refusals: [string, Request, number, string][] = [
  ['broken JSON', { method: 'POST', headers: json, body: '{"name":' }, 400, 'invalid_input'],
  ['broken JSON in the query', { path: '/trpc/projects.get?input=%7B' }, 400, 'invalid_input'],
  ['a body over 1 MiB', { method: 'POST', headers: json, body: 'x'.repeat(1_048_577) }, 413, 'payload_too_large'],
  ['a huge body', { method: 'POST', headers: json, body: 'x'.repeat(20 << 20) }, 413, 'payload_too_large'],
  ['text', { method: 'POST', headers: { 'content-type': 'text/plain' }, body }, 415, 'unsupported_media_type'],
  ['a form', { method: 'POST', body: form }, 415, 'unsupported_media_type'],
  [
    'bytes',
    { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body },
    415,
    'unsupported_media_type',
  ],
  ['no content type', { method: 'POST', body: new TextEncoder().encode(body) }, 415, 'unsupported_media_type'],
  [
    'a packed body',
    { method: 'POST', headers: { ...json, 'content-encoding': 'gzip' }, body },
    415,
    'unsupported_media_type',
  ],
  ...['multipart/form-data; boundary=x', 'application/octet-stream', 'text/plain'].map(
    (type): [string, Request, number, string] => [
      `${type} by GET`,
      { path: '/trpc/users.me', headers: { 'content-type': type } },
      415,
      'unsupported_media_type',
    ],
  ),
  ...['utf-16', 'UTF-16LE', 'iso-8859-1', 'us-ascii', '"utf-16"', 'utf-8; charset=utf-16', ''].map(
    (charset): [string, Request, number, string] => [
      `a body in ${charset}`,
      { method: 'POST', headers: { 'content-type': `application/json; charset=${charset}` }, body },
      415,
      'unsupported_media_type',
    ],
  ),
  [
    'a stream of one call',
    { path: '/trpc/users.me', headers: { 'trpc-accept': 'application/jsonl' } },
    400,
    'invalid_input',
  ],
  ['broken connection parameters', { path: '/trpc/users.me?connectionParams=%7B' }, 400, 'invalid_input'],
  ['an unknown path', { path: '/trpc2/system.health' }, 404, 'not_found'],
  ['an unknown path without a body', { path: '/trpc2', method: 'POST', headers: json }, 404, 'not_found'],
  ['an unknown path with a broken body', { path: '/x', method: 'POST', headers: json, body: '{' }, 404, 'not_found'],
  ['no procedure', { path: '/trpc' }, 404, 'not_found'],
  ['an unknown procedure', { path: '/trpc/projects.destroy' }, 404, 'not_found'],
  ['an unknown procedure by POST', { path: '/trpc/nope', method: 'POST', headers: json, body }, 404, 'not_found'],
  ['a property of objects', { path: '/trpc/constructor' }, 404, 'not_found'],
  ['GET on a mutation', {}, 405, 'method_not_allowed'],
  ['PUT', { method: 'PUT', headers: json, body }, 405, 'method_not_allowed'],
  ['DELETE', { method: 'DELETE' }, 405, 'method_not_allowed'],
  ['51 calls in a batch', { path: batchOf(51) }, 400, 'invalid_input'],
  ['a query and a mutation in a batch', { path: '/trpc/system.health,users.create?batch=1' }, 400, 'invalid_input'],
  ['a badly encoded path', { path: '/trpc/%zz' }, 400, 'invalid_input'],
  ['a path encoded badly twice', { path: '/trpc/%25zz' }, 400, 'invalid_input'],
  ['no key', { path: '/trpc/users.me', headers: { authorization: '' } }, 401, 'unauthenticated'],
  ['a wrong key', { path: '/trpc/users.me', headers: { authorization: 'Bearer wrong' } }, 401, 'unauthenticated'],
]

describe('a request that is refused', () => {
  test.each(refusals)('%s', async (_name, request, status, reason) => {
    const response = await send(request)
    const text = await response.text()
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(JSON.parse(text)).toEqual({
      error: {
        message: expect.any(String),
        code: expect.any(Number),
        data: expect.objectContaining({ reason, httpStatus: status, requestId: response.headers.get('x-request-id') }),
      },
    })
    expect(response.status).toBe(status)
    expect(response.headers.get('x-request-id')).toBeTruthy()
    expect(text).not.toMatch(/stack|\n\s+at |node_modules|\.[jt]s:\d|select |insert /i)
    expect(response.headers.get('allow') !== null).toBe(status === 405)
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
  })

  test('a missing procedure, path and row are told apart', async () => {
    const missing = async (path: string) => {
      const reply = (await (await send({ path })).json()) as { error: { data: { details?: object } } }
      return reply.error.data.details
    }
    expect(await missing('/trpc/projects.destroy')).toEqual({ missing: 'procedure' })
    expect(await missing('/elsewhere/trpc/projects.get')).toEqual({ missing: 'path' })
    expect(await missing('/trpc/projects.get?input=%7B%22id%22%3A99%7D')).toBeUndefined()
    const batch = await send({ path: '/trpc/system.health,no.such?batch=1' })
    expect(await batch.json()).toMatchObject([
      { result: {} },
      { error: { data: { details: { missing: 'procedure' } } } },
    ])
  })

  test.each([
    ['a subscription', '/trpc/costs.watch?batch=1', 400, 'invalid_input'],
    ['broken JSON', '/trpc/users.me?batch=1&input=%7B', 400, 'invalid_input'],
    ['broken JSON for the stock adapter', '/trpc/users.me?batch=1&input=%7B&unusual=1', 400, 'invalid_input'],
    ['an unknown procedure', '/trpc/nope?batch=1', 404, 'not_found'],
    ['a mutation by GET', '/trpc/users.create?batch=1', 405, 'method_not_allowed'],
  ])('%s in a batch', async (_name, path, status, reason) => {
    const response = await send({ path })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject([
      { error: { data: { reason, httpStatus: status, requestId: response.headers.get('x-request-id') } } },
    ])
  })

  test('no refused request wrote anything', async () => {
    const response = await send({ path: '/trpc/projects.list?input=%7B%7D' })
    expect(await response.json()).toEqual({ result: { data: { items: [], nextCursor: null } } })
  })

  test.each([
    ['not HTTP', 'HELLO\r\n\r\n', 400, 'invalid_input'],
    [
      'a Host with a password',
      'GET /trpc/system.health HTTP/1.1\r\nHost: a:b@c\r\nConnection: close\r\n\r\n',
      400,
      'invalid_input',
    ],
    [
      'a Host with a space',
      'GET /trpc/system.health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
      400,
      'invalid_input',
    ],
    ['TRACE', 'TRACE /trpc/system.health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 405, 'method_not_allowed'],
    ['headers over 16 KiB', `GET / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 413, 'payload_too_large'],
  ])('%s, on the wire', async (_name, request, status, reason) => {
    const answer = await sendRaw(request)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    const { data } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).error
    expect(data).toMatchObject({ reason, httpStatus: status })
    expect(answer.toLowerCase()).toContain(`x-request-id: ${data.requestId}`)
    expect(answer.toLowerCase()).toContain(`x-mgx-contract: ${contractHash}`)
  })
})

async function sendRaw(request: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text) => {
    answer += text
  })
  socket.end(request)
  await once(socket, 'close')
  return answer
}

describe('a request that is served', () => {
  test.each([
    ['a query by GET', { path: '/trpc/users.me' }],
    ['a query with a slash at the end of its path', { path: '/trpc/users.me/' }],
    ['a query by POST', { path: '/trpc/users.me', method: 'POST', headers: json }],
    ...[
      'Application/JSON; charset=utf-8',
      'application/json;charset="UTF-8"',
      'application/json ; charset = utf8',
      'application/json; profile=x; charset=utf-8',
    ].map((type): [string, Request] => [
      type,
      { path: '/trpc/users.me', method: 'POST', headers: { 'content-type': type } },
    ]),
    ['50 calls in a batch', { path: batchOf(50) }],
  ] satisfies [string, Request][])('%s', async (_name, request) => {
    const response = await send(request)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('a batch of the longest procedure names fits in the URL', async () => {
    const path = `/trpc/${Array(50).fill('projects.updateStatus').join(',')}?batch=1`
    const response = await send({ path, method: 'POST', headers: json, body: '{}' })
    expect(await response.json()).toHaveLength(50)
  })

  test('a body of just under 1 MiB is read', async () => {
    const name = 'x'.repeat(1_048_576 - '{"name":""}'.length)
    const response = await send({ method: 'POST', headers: json, body: JSON.stringify({ name }) })
    expect(response.status).toBe(400)
  })
})

describe('the request id', () => {
  const idFor = async (given?: string) =>
    (await send({ path: '/healthz', ...(given !== undefined && { headers: { 'x-request-id': given } }) })).headers.get(
      'x-request-id',
    )

  test('is the caller’s own when it is safe', async () => {
    expect(await idFor('run-42_A')).toBe('run-42_A')
  })

  test.each([undefined, 'a b', 'a"b', 'x'.repeat(65), 'Äpfel'])('is a new one instead of %s', async (given) => {
    expect(await idFor(given)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  test('is in the response header and in the error', async () => {
    const response = await send({ path: '/trpc/users.get?input={"id":99}', headers: { 'x-request-id': 'mine' } })
    expect(response.headers.get('x-request-id')).toBe('mine')
    expect(await response.json()).toMatchObject({ error: { data: { requestId: 'mine', reason: 'not_found' } } })
  })
})
