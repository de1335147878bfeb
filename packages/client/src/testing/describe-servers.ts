import { testDatabases } from '@mgx/db/testing'
import { startTestServer, type TestServer } from '@mgx/server/testing'
import { createTestServer } from '@mgx/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import type { FetchLike } from '../options.js'

/** A server that a client can be made of, as its admin. */
export type Server = {
  readonly url: string
  readonly apiKey: string
  readonly fetch: FetchLike
  close(): Promise<void>
}

/** A server that listens on a port, and what is behind it. */
type HttpServer = Server & Pick<TestServer, 'services'> & { readonly databaseUrl: string }

type Kind<Started> = { name: string; start(): Promise<Started> }

const inMemory: Kind<Server> = { name: 'in memory', start: createTestServer }

const overHttp: Kind<HttpServer>[] = testDatabases.map(({ name, url }) => ({
  name: `on ${name}`,
  async start() {
    const databaseUrl = await url()
    const { adminApiKey: apiKey, ...server } = await startTestServer({ databaseUrl })
    return { ...server, apiKey, fetch, databaseUrl }
  },
}))

/** Makes suites that run on each kind of server, one for all tests of a suite; `server` is there once they begin. */
function describeEach<Started extends Server>(kinds: readonly Kind<Started>[]) {
  return (name: string, suite: (server: Started) => void): void => {
    describe.each(kinds)(`${name} $name`, ({ start }) => {
      const server = {} as Started
      beforeAll(async () => {
        Object.assign(server, await start())
      })
      afterAll(() => server.close?.())
      suite(server)
    })
  }
}

/** A suite on each kind of server. */
export const describeServers = describeEach<Server>([inMemory, ...overHttp])

/** A suite on servers that listen, one on each database: for what needs a connection, the database or a second server. */
export const describeHttpServers = describeEach(overHttp)
