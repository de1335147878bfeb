import type { ServerResponse } from 'node:http'
import { createTestServer, type TestServer } from '@mgx/testing'
import { onTestFinished } from 'vitest'
import { createMgxClient, type MgxClientOptions } from '../index.js'
import { type Seen, standInNetwork } from './stand-in-network.js'

/** A successful tRPC response. */
export const answered = { result: { data: { answer: 42 } } }

/** Returns a tRPC error response. */
export const refusal = (reason: string, httpStatus: number, details?: object) => ({
  error: {
    message: 'not now',
    code: -32603,
    data: { code: 'X', httpStatus, path: 'p', reason, requestId: 'req-1', details },
  },
})

/** Starts a stand-in network and a client over it; closes it at the end of the test. */
export async function clientOver(
  answer: (seen: Seen, response: ServerResponse, before: number) => unknown,
  options: MgxClientOptions = {},
) {
  const network = await standInNetwork(answer)
  onTestFinished(network.close)
  return { ...network, mgx: createMgxClient({ url: network.url, apiKey: 'mgx_key_a', ...options }) }
}

/** Starts a server in memory; closes it at the end of the test. */
export async function serverInMemory(): Promise<TestServer> {
  const server = await createTestServer()
  onTestFinished(() => server.close())
  return server
}

/** Returns the error that the promise rejects with. @throws Error when it resolves. */
export const failureOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    (value) => {
      throw new Error(`expected a rejection, but got ${JSON.stringify(value)}`)
    },
    (error: unknown) => error,
  )
