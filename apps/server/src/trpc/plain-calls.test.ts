import { procedures } from '@mgx/api'
import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Request, startWay, unusual, type Way } from '../testing/differential.js'
import { badInputs, calls, MEMBER_KEY } from '../testing/every-procedure.js'
import { readPlainRequest } from './plain-request.js'

/** A request with the headers that `fetch` adds. */
function isPlain({ path, method = 'POST', headers = {}, body = '' }: Request): boolean {
  const added = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
  const all = { host: 'localhost', ...(method === 'POST' && added), ...headers }
  return readPlainRequest({ method, url: `/trpc/${path}`, headers: all }) !== undefined
}

const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })
const post = (path: string, input: unknown): Request => ({
  path,
  ...(input !== undefined && { body: JSON.stringify(input) }),
})
const get = (path: string, input: unknown): Request => ({
  path: input === undefined ? path : `${path}?input=${encodeURIComponent(JSON.stringify(input))}`,
  method: 'GET',
})
const batch = (paths: string[], inputs: unknown): Request => post(`${paths.join(',')}?batch=1`, inputs)

test('every procedure that is not a subscription is called', () => {
  const wanted = [...procedures].filter(([, { type }]) => type !== 'subscription').map(([path]) => path)
  expect(calls.map(([path]) => path).toSorted()).toEqual(wanted.toSorted())
})

describe.each(testDatabases)('on $name, a plain call is answered as by the stock adapter', (database) => {
  let direct: Way
  let stock: Way
  beforeAll(async () => {
    direct = await startWay(await database.migratedUrl(), (path) => path)
    stock = await startWay(await database.migratedUrl(), unusual)
  })
  afterAll(() => Promise.all([direct.server.close(), stock.server.close()]))

  async function expectSame(request: Request | ((way: Way) => Request), plain = true): Promise<void> {
    const requestOf = (way: Way) => (typeof request === 'function' ? request(way) : request)
    const ours = requestOf(direct)
    const theirs = requestOf(stock)
    expect(isPlain(ours), `${ours.method ?? 'POST'} ${ours.path} ${ours.body}`).toBe(plain)
    expect(isPlain({ ...theirs, path: unusual(theirs.path) })).toBe(false)
    const [answer, expected] = await Promise.all([direct.send(ours), stock.send(theirs)])
    expect(answer, `${ours.method ?? 'POST'} ${ours.path} ${ours.body}`).toEqual(expected)
  }
  const inputOf = (way: Way, input: unknown) => (typeof input === 'function' ? input(way.answers) : input)

  test.each(calls)('%s, that succeeds', async (path, input) => {
    await expectSame((way) => post(path, inputOf(way, input)))
    expect(direct.answers.get(path)).toMatch(/^\{"result":/)
  })

  test.each(calls)('%s, with bad input and bad credentials', async (path, input) => {
    for (const bad of badInputs) await expectSame(post(path, bad))
    for (const key of ['', 'wrong', 'mgx_key_wrong', MEMBER_KEY]) {
      await expectSame((way) => ({ ...post(path, inputOf(way, input)), ...as(key) }))
    }
    await expectSame({ path, body: '{"broken":' })
    await expectSame({ path, body: '{"broken":', ...as('wrong') })
    await expectSame({ path, body: '' })
  })

  test.each(calls)('%s by GET', async (path, input) => {
    const isQuery = procedures.get(path)?.type === 'query'
    await expectSame((way) => get(path, inputOf(way, input)), isQuery)
    await expectSame(get(path, { unknown: true }), isQuery)
    await expectSame({ path: `${path}?input=%7B`, method: 'GET' }, isQuery)
  })

  test('batches', async () => {
    const query = calls.filter(([path]) => procedures.get(path)?.type === 'query')
    // Only mutations whose responses do not depend on each other, because a batch runs them concurrently.
    const apart = ['users.create', 'projects.create', 'sessions.create', 'costs.record', 'prices.set']
    const mutation = calls.filter(([path]) => apart.includes(path))
    const inputs = (way: Way, some: typeof calls) =>
      Object.fromEntries(some.map(([, input], index) => [index, inputOf(way, input)]))
    const paths = (some: typeof calls) => some.map(([path]) => path)
    await expectSame((way) => batch(paths(query), inputs(way, query)))
    await expectSame((way) => ({ ...batch(paths(query), inputs(way, query)), ...as(MEMBER_KEY) }))
    await expectSame((way) => ({ ...batch(paths(query), inputs(way, query)), ...as('wrong') }))
    await expectSame((way) => ({
      path: `${paths(query)}?batch=1&input=${encodeURIComponent(JSON.stringify(inputs(way, query)))}`,
      method: 'GET',
    }))
    await expectSame((way) => batch(paths(mutation), inputs(way, mutation)))
  })

  test('batches of few and of many calls, of one and of several procedures', async () => {
    const record = { projectId: 1, model: 'gpt-4o', promptTokens: 1, completionTokens: 1, totalCost: '0.001' }
    await expectSame(batch(['costs.record', 'costs.record'], { 0: record, 1: { ...record, projectId: 99 } }))
    await expectSame(batch(['users.me', 'users.me', 'users.get'], { 2: { id: 99 } }))
    await expectSame(batch(['users.get', 'users.get'], { 0: { id: 98 }, 1: { id: 99 } }))
    await expectSame(batch(['users.me'], {}))
    await expectSame(batch(['users.me'], undefined))
    await expectSame(batch(Array(50).fill('system.health'), {}))
    await expectSame(batch(Array(51).fill('system.health'), {}), false)
    for (const inputs of [[], [{}], null, 'text', 7]) await expectSame(batch(['users.me', 'users.me'], inputs))
    await expectSame(batch(['users.me', 'nope'], {}), false)
    await expectSame(batch(['users.me', 'users.create'], {}), false)
    await expectSame(batch(['users.me', 'costs.watch'], { 1: { projectId: 1 } }), false)
    await expectSame(batch(['users.me', ''], {}), false)
    await expectSame({ path: 'users.me,system.health?batch=1', body: '{"0":' })
    await expectSame({ path: 'users.me,users.me', body: '{}' }, false)
    await expectSame({ path: 'users.me?batch=0', body: '{}' })
    await expectSame({ path: 'users.me?batch=1&batch=0', body: '{}' })
    await expectSame({ path: 'users.get?input=%7B%22id%22%3A2%7D', body: '{"id":1}' })
  })

  test('what is not a plain call', async () => {
    await expectSame(post('nope', {}), false)
    await expectSame(post('constructor', {}), false)
    await expectSame(post('users.me%2Cusers.me?batch=1', {}), false)
    await expectSame({ path: 'users.me?batch=1', body: '{}', headers: { accept: 'application/jsonl' } }, false)
    await expectSame({ path: 'users.me', body: '{}', headers: { 'trpc-accept': 'application/jsonl' } }, false)
    await expectSame({ path: 'users.me', method: 'GET', headers: { 'content-type': 'multipart/form-data' } }, false)
    await expectSame({ path: 'users.me', method: 'GET', headers: { 'content-type': 'application/json' } }, false)
    await expectSame({ path: 'costs.record', method: 'GET' }, false)
  })

  test('what is refused before the procedures', async () => {
    const refused: Request[] = [
      { path: 'users.me', method: 'PUT', body: '{}' },
      { path: 'users.me', method: 'DELETE' },
      { path: 'users.me', body: '{}', headers: { 'content-type': 'text/plain' } },
      { path: 'users.me', body: '{}', headers: { 'content-encoding': 'gzip' } },
      { path: 'users.me', body: `"${'x'.repeat(1 << 20)}"` },
    ]
    for (const request of refused) {
      const [answer, expected] = await Promise.all([direct.send(request), stock.send(request)])
      expect(answer).toEqual(expected)
      expect([405, 413, 415]).toContain(answer.status)
    }
  })

  test('an internal error, which each server logs once', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    onTestFinished(() => logged.mockRestore())
    await Promise.all([direct.server.services.db.destroy(), stock.server.services.db.destroy()])
    await expectSame(post('projects.get', { id: 1 }))
    expect(logged).toHaveBeenCalledTimes(2)
    await expectSame(batch(['system.health', 'projects.get'], { 1: { id: 1 } }))
    expect(logged).toHaveBeenCalledTimes(4)
  })
})
