import { procedures } from '@mgx/api'
import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../rest/operations.js'
import { type Answers, startWay, unusual, type Way } from '../testing/differential.js'
import { calls } from '../testing/every-procedure.js'

/** Procedures whose input has no required field. */
const undemanding = [...procedures].filter(([, { input }]) => input.safeParse({}).success)
const queries = undemanding.flatMap(([path, { type }]) => (type === 'query' ? [path] : []))

test('there are such procedures', () => {
  expect(queries).toEqual(expect.arrayContaining(['users.me', 'users.list', 'projects.list', 'reports.users']))
  expect(undemanding.map(([path]) => path)).toContain('sessions.create')
})

test.each(undemanding)('%s takes no input for an empty one', (_path, { input }) => {
  expect(input.safeParse(undefined).success).toBe(true)
})

describe.each(testDatabases)('on $name', (database) => {
  let way: Way
  beforeAll(async () => {
    way = await startWay(await database.migratedUrl(), (path) => path)
    for (const [path, input] of calls.filter(([path]) => path !== 'system.verify')) {
      const given = typeof input === 'function' ? input(way.answers as Answers) : input
      await way.send({ path, ...(given !== undefined && { body: JSON.stringify(given) }) })
    }
  })
  afterAll(() => way.server.close())

  const rows = (body: unknown) => JSON.parse(String(body))

  test.each(queries)('%s succeeds without an input, in every way of calling it', async (path) => {
    const expected = await way.send({ path, body: '{}' })
    expect(expected.status).toBe(200)
    for (const asked of [path, unusual(path)]) {
      expect(await way.send({ path: asked, method: 'GET' })).toMatchObject({ status: 200, body: expected.body })
      expect(await way.send({ path: asked })).toMatchObject({ status: 200, body: expected.body })
    }
    const batch = `${path},${path}?batch=1`
    for (const asked of [batch, unusual(batch)]) {
      for (const request of [{ method: 'GET' }, { body: '{}' }, {}]) {
        const { status, body } = await way.send({ path: asked, ...request })
        expect([status, rows(body)]).toEqual([200, [rows(expected.body), rows(expected.body)]])
      }
    }
    const place = operations.find((operation) => operation.path === path)
    if (place) {
      const { status, body } = await way.send({ path: place.template, method: 'GET' })
      expect([status, rows(body)]).toEqual([200, rows(expected.body).result.data])
    }
  })

  test('null is not taken for a missing input', async () => {
    expect(await way.send({ path: 'users.list', body: 'null' })).toMatchObject({ status: 400 })
  })
})
