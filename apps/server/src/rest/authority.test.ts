import { expectAuthority, type WalkAnswer, type WalkCaller, walkCallers } from '@mgx/api/testing'
import { afterAll, beforeAll, test } from 'vitest'
import { restRequest } from '../testing/rest-request.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'
import { type Operation, operations } from './operations.js'

let server: TestServer
let callers: WalkCaller[]
beforeAll(async () => {
  server = await startTestServer()
  callers = await walkCallers(server.services)
})
afterAll(() => server?.close())

async function call(
  operation: Operation,
  credential: string | undefined,
  input: Record<string, unknown>,
): Promise<WalkAnswer> {
  const { method, path, body } = restRequest(operation, input)
  const headers = {
    ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  const response = await fetch(server.url + path, { method, headers, ...(body !== undefined && { body }) })
  const { requestId: _, ...answer } = (await response.json()) as WalkAnswer
  return { status: response.status, ...answer }
}

test.each(operations.map((operation) => [`${operation.method} ${operation.template}`, operation] as const))(
  '%s serves those whom its authority names, with their own rows',
  (_, operation) => expectAuthority(operation.path, callers, (credential, input) => call(operation, credential, input)),
)
