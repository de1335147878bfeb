import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type Answers, startWay, type Way } from '../testing/differential.js'
import { badInputs, calls, MEMBER_KEY } from '../testing/every-procedure.js'
import { operationOf, restRequest } from '../testing/rest-request.js'
import { operations } from './operations.js'

type TrpcError = { message: string; data: { reason: string; requestId: string; details?: unknown } }
const factsOf = ({ message, data: { reason, requestId, details } }: TrpcError) =>
  JSON.parse(JSON.stringify({ reason, message, requestId, details }))

type Input = Record<string, unknown>
const isObject = (input: unknown): input is Input =>
  typeof input === 'object' && input !== null && !Array.isArray(input)
const as = (key: string) => ({ authorization: `Bearer ${key}` })

describe.each(testDatabases)('on $name, REST answers as tRPC does', (database) => {
  let trpc: Way
  let rest: Way
  beforeAll(async () => {
    trpc = await startWay(await database.migratedUrl(), (path) => path)
    rest = await startWay(await database.migratedUrl(), (path) => path)
  })
  afterAll(() => Promise.all([trpc.server.close(), rest.server.close()]))

  async function expectSame(procedure: string, inputOf: (way: Way) => unknown, key?: string): Promise<Answer> {
    const headers = key === undefined ? {} : as(key)
    const input = inputOf(trpc)
    const expected = await trpc.send({
      path: procedure,
      ...(input !== undefined && { body: JSON.stringify(input) }),
      headers,
    })
    const request = restRequest(operationOf(procedure), inputOf(rest) as Input)
    const answer = await rest.send({ ...request, headers })
    rest.answers.set(procedure, rest.answers.get(request.path) ?? '')
    const what = `${request.method} ${request.path} ${request.body}`
    const { result, error } = JSON.parse(String(expected.body))
    expect({ ...answer, body: JSON.parse(String(answer.body)) }, what).toEqual({
      ...expected,
      headers: { ...expected.headers, vary: null },
      body: error ? factsOf(error) : result.data,
    })
    return answer
  }

  test.each(calls)('%s, that succeeds', async (procedure, input) => {
    const given = (way: Way) => (typeof input === 'function' ? input(way.answers as Answers) : input)
    expect((await expectSame(procedure, given)).status).toBe(200)
  })

  test.each(calls)('%s, with bad input and bad credentials', async (procedure, input) => {
    const inPath = operationOf(procedure).parameters.filter((parameter) => parameter.in === 'path')
    for (const bad of badInputs.filter(isObject)) {
      if (inPath.every(({ name }) => name in bad)) await expectSame(procedure, () => bad)
    }
    const given = (way: Way) => (typeof input === 'function' ? input(way.answers as Answers) : input)
    for (const key of ['', 'wrong', 'mgx_key_wrong', MEMBER_KEY]) await expectSame(procedure, given, key)
  })

  test('the projects of a user are at two places', async () => {
    const [all, ofOne] = operations.filter(({ path }) => path === 'projects.list')
    if (!all || !ofOne) throw new Error('they are not')
    const [first, second] = await Promise.all([all, ofOne].map((place) => rest.send(restRequest(place, { userId: 1 }))))
    expect(second?.body).toBe(first?.body)
    expect(JSON.parse(String(second?.body)).items).toHaveLength(1)
  })
})
