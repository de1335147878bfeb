import { randomBytes } from 'node:crypto'
import { reasons } from '@mgx/contract'
import type { JsonSchema } from '@mgx/contract/contract-document'
import { testDatabases } from '@mgx/db/testing'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { arbitraryOf, hostile } from '../testing/arbitrary-of.js'
import { calls } from '../testing/every-procedure.js'
import { operationOf, restRequest } from '../testing/rest-request.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'
import { openApiDocument } from './document.js'
import { type Operation, operations } from './operations.js'

const RUNS = 20

const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)
ajv.addSchema(openApiDocument('0.0.0'), 'openapi')
const validate = new Map<JsonSchema, ValidateFunction>(
  operations.map(({ output }) => [output, ajv.compile({ $ref: `openapi${output.$ref}` })]),
)
const isError = ajv.compile({ $ref: 'openapi#/components/schemas/RestError' })

/** Inputs that the operation's schemas allow, and the same with one fault. */
function inputsOf({ parameters, body }: Operation): fc.Arbitrary<Record<string, unknown>> {
  const path = Object.fromEntries(parameters.map(({ name, schema }) => [name, arbitraryOf(schema)]))
  const needed = parameters.filter(({ required }) => required).map(({ name }) => name)
  const right = fc
    .tuple(fc.record(path, { requiredKeys: needed }), body ? arbitraryOf(body.schema) : fc.constant({}))
    .map(([inUrl, inBody]) => ({ ...(inBody as object), ...inUrl }) as Record<string, unknown>)
  const wrongField = fc.tuple(right, fc.nat(), hostile).map(([input, index, value]) => {
    const names = Object.keys(input)
    return names.length > 0 ? { ...input, [names[index % names.length] ?? '']: value } : { unknown: value }
  })
  const lessOrMore = fc.tuple(right, fc.nat(), fc.string(), hostile).map(([input, index, name, value]) => {
    const fields = Object.entries(input)
    const inPath = (field: string) => parameters.some((each) => each.in === 'path' && each.name === field)
    return Object.fromEntries([...fields.filter(([field], at) => at !== index % 3 || inPath(field)), [name, value]])
  })
  return fc.oneof(right, wrongField, lessOrMore)
}

describe.each(testDatabases)('on $name, every response is as the document says', (database) => {
  let server: TestServer
  const succeeded = new Set<string>()
  const refused = new Set<string>()
  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await database.url() })
    const fill = [
      'users.create',
      'apiKeys.create',
      'projects.create',
      'costs.record',
      'budgets.reserve',
      'sessions.create',
    ]
    for (const [procedure, input] of calls.filter(([each]) => fill.includes(each))) {
      const { path, method, body } = restRequest(operationOf(procedure), input as Record<string, unknown>)
      expect((await send(server.adminApiKey, path, method, body)).status).toBe(200)
    }
  })
  afterAll(() => server.close())

  function send(key: string, path: string, method: string, body: string | undefined): Promise<Response> {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    return fetch(server.url + path, { method, headers, ...(body !== undefined && { body }) })
  }

  /** Creates a new admin, because the requests may take rights and keys away. */
  async function freshAdmin(): Promise<string> {
    const apiKey = randomBytes(24).toString('hex')
    const name = `admin-${apiKey}`
    const email = `${name}@example.com`
    await server.services.credentials.createUser({ username: name, email, role: 'admin', spendingLimit: null, apiKey })
    return apiKey
  }

  test.each(operations.map((operation) => [operation.id, operation] as const))('%s', async (id, operation) => {
    const key = await freshAdmin()
    await fc.assert(
      fc.asyncProperty(inputsOf(operation), async (input) => {
        const { path, method, body } = restRequest(operation, input)
        // An empty last segment would be another operation: the list instead of one row.
        fc.pre(!new URL(path, server.url).pathname.endsWith('/'))
        const response = await send(key, path, method, body)
        const answer: unknown = await response.json()
        if (response.status === 200) {
          succeeded.add(id)
          const check = validate.get(operation.output)
          expect(check?.(answer), JSON.stringify(check?.errors)).toBe(true)
          return
        }
        refused.add(id)
        expect(isError(answer), JSON.stringify(answer)).toBe(true)
        const { reason, requestId } = answer as { reason: keyof typeof reasons; requestId: string }
        expect(response.status, reason).toBe(reasons[reason].httpStatus)
        expect(response.status, JSON.stringify(answer)).toBeLessThan(500)
        expect(response.headers.get('x-request-id')).toBe(requestId)
      }),
      { numRuns: RUNS },
    )
  })

  test('most operations had both successes and refusals', () => {
    expect(refused.size).toBeGreaterThan(operations.length * 0.9)
    expect(succeeded.size).toBeGreaterThan(operations.length * 0.5)
  })
})
