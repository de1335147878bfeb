import type { ServerResponse } from 'node:http'
import { createTestServer, type TestServer } from '@mgx/testing'
import { onTestFinished } from 'vitest'
import { createMgxClient, type MgxClientOptions } from '../index.js'
import { type Seen, standInNetwork } from './stand-in-network.js'

/** What a server answers that has the answer to everything. */
export const answered = { result: { data: { answer: 42 } } }

/** What a server answers that refuses. */
export const refusal = (reason: string, httpStatus: number, details?: object) => ({
  error: {
    message: 'not now',
    code: -32603,
    data: { code: 'X', httpStatus, path: 'p', reason, requestId: 'req-1', details },
  },
})

/** A client over a network that answers as it is told, until the test is finished. */
export async function clientOver(
  answer: (seen: Seen, response: ServerResponse, before: number) => unknown,
  options: MgxClientOptions = {},
) {
  const network = await standInNetwork(answer)
  onTestFinished(network.close)
  return { ...network, mgx: createMgxClient({ url: network.url, apiKey: 'mgx_key_a', ...options }) }
}

/** A server in memory, until the test is finished. */
export async function serverInMemory(): Promise<TestServer> {
  const server = await createTestServer()
  onTestFinished(() => server.close())
  return server
}

/** What a promise is rejected with. */
export const failureOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    (value) => {
      throw new Error(`it did not fail, but answered ${JSON.stringify(value)}`)
    },
    (error: unknown) => error,
  )
