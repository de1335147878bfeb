import { reasons } from '@mgx/contract'
import type { JsonSchema } from '@mgx/contract/contract-document'
import { testDatabases } from '@mgx/db/testing'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inputsOf } from '../testing/arbitrary-of.js'
import { freshAdmin, samples } from '../testing/fuzz-world.js'
import { operationOf, restRequest } from '../testing/rest-request.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'
import { openApiDocument } from './document.js'
import { operations } from './operations.js'

const RUNS = 20

const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)
ajv.addSchema(openApiDocument('0.0.0'), 'openapi')
const validate = new Map<JsonSchema, ValidateFunction>(
  operations.map(({ output }) => [output, ajv.compile({ $ref: `openapi${output.$ref}` })]),
)
const isError = ajv.compile({ $ref: 'openapi#/components/schemas/RestError' })

describe.each(testDatabases)('on $name, every response is as the document says', (database) => {
  let server: TestServer
  const succeeded = new Set<string>()
  const refused = new Set<string>()
  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await database.migratedUrl() })
    for (const [procedure, input] of samples) {
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

  test.each(operations.map((operation) => [operation.id, operation] as const))('%s', async (id, operation) => {
    const key = await freshAdmin(server)
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
