import { once } from 'node:events'
import { connect } from 'node:net'
import { INTERNAL_MESSAGE } from '@mgx/api'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.js'
import { operations } from './operations.js'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await send({ path: '/api/projects', method: 'POST', body: '{"name":"Snake","idea":"A game"}' })
})
afterAll(() => server.close())

type Request = { path: string; method?: string; body?: string; headers?: Record<string, string> }

function send({ path, method = 'GET', body, headers }: Request): Promise<Response> {
  const authorization = `Bearer ${server.adminApiKey}`
  const type = body !== undefined && { 'content-type': 'application/json' }
  return fetch(server.url + path, {
    method,
    headers: { authorization, ...type, ...headers },
    ...(body !== undefined && { body }),
  })
}

const costs = '/api/projects/1/costs'
const cost = { model: 'gpt-4o', promptTokens: 1_000, completionTokens: 500, totalCost: '0.01' }
const body = JSON.stringify(cost)
const post = { path: costs, method: 'POST' }

const refusals: [string, Request, number, string][] = [
  ['an unknown path', { path: '/api/nothing' }, 404, 'not_found'],
  ['no path', { path: '/api' }, 404, 'not_found'],
  ['an unknown id', { path: '/api/projects/99' }, 404, 'not_found'],
  ['a path that is no number', { path: '/api/projects/one' }, 400, 'invalid_input'],
  ['a number written otherwise', { path: '/api/projects/01' }, 400, 'invalid_input'],
  ['a number past all ids', { path: '/api/projects/9007199254740993' }, 400, 'invalid_input'],
  ['a badly encoded path', { path: '/api/projects/%zz' }, 400, 'invalid_input'],
  ['a text that cannot be stored', { path: '/api/users/by-username?username=%00' }, 400, 'invalid_input'],
  ['a bad number in the query', { path: '/api/projects?limit=ten' }, 400, 'invalid_input'],
  ['a number twice', { path: '/api/projects?limit=1&limit=2' }, 400, 'invalid_input'],
  ['an unknown field in the query', { path: '/api/projects?colour=red' }, 400, 'invalid_input'],
  ['an inherited name in the query', { path: '/api/projects?__proto__=1&toString=2' }, 400, 'invalid_input'],
  ['a field of the path in the query', { path: '/api/users/1/projects?userId=2' }, 400, 'invalid_input'],
  ['an unknown group', { path: '/api/reports/spend?groupBy=day&groupBy=colour' }, 400, 'invalid_input'],
  ['an unknown field', { ...post, body: JSON.stringify({ ...cost, colour: 'red' }) }, 400, 'invalid_input'],
  [
    'a field of the path in the body',
    { ...post, body: JSON.stringify({ ...cost, projectId: 2 }) },
    400,
    'invalid_input',
  ],
  ['text for a number', { ...post, body: JSON.stringify({ ...cost, promptTokens: '1' }) }, 400, 'invalid_input'],
  ['null for a number', { ...post, body: JSON.stringify({ ...cost, promptTokens: null }) }, 400, 'invalid_input'],
  ['a query string with a body', { ...post, path: `${costs}?model=gpt-4o`, body }, 400, 'invalid_input'],
  ['a list for a body', { ...post, body: '[]' }, 400, 'invalid_input'],
  ['null for a body', { ...post, body: 'null' }, 400, 'invalid_input'],
  ['broken JSON', { ...post, body: '{"model":' }, 400, 'invalid_input'],
  ['no body', post, 400, 'invalid_input'],
  [
    'a key that nothing keeps',
    { ...post, path: '/api/costs', body: '{}', headers: { 'idempotency-key': 'k' } },
    400,
    'invalid_input',
  ],
  ['a key that is not ASCII', { ...post, body, headers: { 'idempotency-key': 'é' } }, 400, 'invalid_input'],
  ['an empty key', { ...post, body, headers: { 'idempotency-key': '' } }, 400, 'invalid_input'],
  [
    'two keys',
    { ...post, body: JSON.stringify({ ...cost, idempotencyKey: 'a' }), headers: { 'idempotency-key': 'b' } },
    400,
    'invalid_input',
  ],
  [
    'an unknown model',
    { ...post, body: JSON.stringify({ ...cost, model: 'nobody', totalCost: undefined }) },
    400,
    'unknown_model',
  ],
  ['no credential', { path: '/api/users/me', headers: { authorization: '' } }, 401, 'unauthenticated'],
  ['no credential and a broken body', { ...post, body: '{', headers: { authorization: '' } }, 401, 'unauthenticated'],
  [
    'more than the budget',
    { ...post, path: '/api/projects/1/reservations', body: '{"amount":"4"}' },
    402,
    'budget_exceeded',
  ],
  ['a wrong method', { path: '/api/projects/1', method: 'DELETE' }, 405, 'method_not_allowed'],
  ['a wrong method with a body', { path: '/api/projects', method: 'PUT', body: 'x' }, 405, 'method_not_allowed'],
  ['GET on what acts', { path: '/api/sessions/1/close' }, 405, 'method_not_allowed'],
  [
    'a status that cannot follow',
    { path: '/api/projects/1/status', method: 'PATCH', body: '{"status":"completed"}' },
    409,
    'invalid_transition',
  ],
  ['a body over 1 MiB', { ...post, body: 'x'.repeat(1_048_577) }, 413, 'payload_too_large'],
  ['text', { ...post, body, headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
  [
    'a form',
    { ...post, body, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    'unsupported_media_type',
  ],
  ...['utf-16', '"iso-8859-1"'].map((charset): [string, Request, number, string] => [
    `a body in ${charset}`,
    { ...post, body, headers: { 'content-type': `application/json; charset=${charset}` } },
    415,
    'unsupported_media_type',
  ]),
  ['a packed body', { ...post, body, headers: { 'content-encoding': 'gzip' } }, 415, 'unsupported_media_type'],
]

describe('a request that is refused', () => {
  test.each(refusals)('%s', async (_name, request, status, reason) => {
    const response = await send(request)
    const text = await response.text()
    expect(JSON.parse(text)).toEqual({
      reason,
      message: expect.stringMatching(/\w/),
      requestId: response.headers.get('x-request-id'),
      ...(JSON.parse(text).details && { details: expect.any(Object) }),
    })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(text).not.toMatch(/stack|\n\s+at |node_modules|\.[jt]s:\d|select |insert /i)
    expect(response.headers.get('allow') !== null).toBe(status === 405)
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
  })

  test('no refused request wrote anything', async () => {
    const total = await send({ path: '/api/projects/1/costs/total' })
    expect(await total.json()).toMatchObject({ records: 0, totalCost: '0' })
  })

  test('an error names the fields, and a budget its figures', async () => {
    const unknown = await send({ path: '/api/projects?limit=0&colour=red' })
    const { details } = (await unknown.json()) as { details: { fields: { path: string }[] } }
    expect(details.fields.map(({ path }) => path).toSorted()).toEqual(['colour', 'limit'])
    const refused = await send({ ...post, path: '/api/projects/1/reservations', body: '{"amount":"4"}' })
    expect(await refused.json()).toMatchObject({ details: { limit: '3', remaining: '3', requested: '4' } })
  })

  test('a body that is cut into chunks and is not JSON', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    let answer = ''
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text
    })
    socket.end(
      `POST ${costs} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nx\r\n0\r\n\r\n`,
    )
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1.1 415 /)
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ reason: 'unsupported_media_type' })
  })
})

test('an internal error reveals nothing, and is logged once under the request id', async () => {
  const logged = vi.spyOn(console, 'error').mockReturnValue()
  onTestFinished(() => logged.mockRestore())
  const broken = await startTestServer()
  onTestFinished(() => broken.close())
  await broken.services.db.destroy()
  const headers = { authorization: `Bearer ${broken.adminApiKey}`, 'x-request-id': 'ours' }
  const response = await fetch(`${broken.url}/api/projects`, { headers })
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({ reason: 'internal', message: INTERNAL_MESSAGE, requestId: 'ours' })
  expect(logged.mock.calls.map(([message]) => message)).toEqual(['internal error ours:'])
})

describe('a request that is served', () => {
  test('without a body, where none is needed', async () => {
    const session = await send({ path: '/api/sessions', method: 'POST', body: '{}' })
    const { token } = (await session.json()) as { token: string }
    const me = await send({ path: '/api/users/me', headers: { authorization: `Bearer ${token}` } })
    expect(await me.json()).toMatchObject({ id: 1 })
    const closed = await send({ path: '/api/sessions/1/close', method: 'POST' })
    expect(await closed.json()).toMatchObject({ id: 1, status: 'closed' })
    const gone = await send({ path: '/api/users/me', headers: { authorization: `Bearer ${token}` } })
    expect(gone.status).toBe(401)
  })

  test('with the request id of its caller', async () => {
    const response = await send({ path: '/api/users/9', headers: { 'x-request-id': 'mine' } })
    expect(response.headers.get('x-request-id')).toBe('mine')
    expect(await response.json()).toMatchObject({ reason: 'not_found', requestId: 'mine' })
  })

  test.each(operations.map(({ method, template }) => [method, template.replaceAll(/\{\w+\}/g, '1')] as const))(
    '%s %s, and with a slash at its end',
    async (method, path) => {
      const answerTo = async (path: string, method: string) => {
        const response = await send({ path, method, headers: { 'x-request-id': 'same', authorization: '' } })
        const { status, headers } = response
        return { status, body: await response.text(), allow: headers.get('allow'), type: headers.get('content-type') }
      }
      for (const verb of [method, 'HEAD', 'DELETE', 'PUT', 'OPTIONS']) {
        expect(await answerTo(`${path}/`, verb), verb).toEqual(await answerTo(path, verb))
      }
      const query = '?unknown=1'
      expect(await answerTo(`${path}/${query}`, method)).toEqual(await answerTo(path + query, method))
    },
  )

  test('lists, with a slash at the end of the path', async () => {
    for (const path of ['/api/users/', '/api/projects/', '/api/projects/?limit=1']) {
      const response = await send({ path })
      expect([response.status, ((await response.json()) as { items: unknown[] }).items.length]).toEqual([200, 1])
    }
  })

  test('HEAD like GET, without the body', async () => {
    const response = await send({ path: '/api/projects/1', method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  test('a key counts once, whether the header or the body has it', async () => {
    const inHeader = await send({ ...post, body, headers: { 'idempotency-key': 'one' } })
    const inBody = await send({ ...post, body: JSON.stringify({ ...cost, idempotencyKey: 'one' }) })
    expect(inHeader.status).toBe(200)
    expect(await inBody.json()).toEqual(await inHeader.json())
    const other = JSON.stringify({ ...cost, totalCost: '0.02' })
    const mismatch = await send({ ...post, body: other, headers: { 'idempotency-key': 'one' } })
    expect([mismatch.status, ((await mismatch.json()) as { reason: string }).reason]).toEqual([
      422,
      'idempotency_mismatch',
    ])
    const total = await send({ path: '/api/projects/1/costs/total' })
    expect(await total.json()).toMatchObject({ records: 1, totalCost: '0.01' })
  })

  test('a price with a key in the header is set once', async () => {
    const price = { path: '/api/prices', method: 'POST', headers: { 'idempotency-key': 'first price' } }
    const set = (inputPrice: number) =>
      send({ ...price, body: JSON.stringify({ model: 'ours', inputPrice, outputPrice: 2 }) })
    const [first, again, other] = [await set(1), await set(1), await set(3)]
    expect([first.status, again.status, other.status]).toEqual([200, 200, 422])
    expect(await again.json()).toEqual(await first.json())
  })

  test('a list in a query, and a page after the first', async () => {
    const spend = await send({ path: '/api/reports/spend?groupBy=day&groupBy=model&limit=1' })
    expect(await spend.json()).toMatchObject({ items: [{ model: 'gpt-4o', totalCost: '0.01' }] })
    await send({ path: '/api/projects', method: 'POST', body: '{"name":"Two","idea":"More"}' })
    const first = (await (await send({ path: '/api/projects?limit=1' })).json()) as { nextCursor: string }
    const second = await send({ path: `/api/projects?limit=1&cursor=${encodeURIComponent(first.nextCursor)}` })
    expect(await second.json()).toMatchObject({ items: [{ id: 1 }], nextCursor: null })
  })
})
