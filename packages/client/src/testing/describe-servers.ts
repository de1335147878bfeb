import { testDatabases } from '@mgx/db/testing'
import { startTestServer, type TestServer } from '@mgx/server/testing'
import { createTestServer } from '@mgx/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import type { FetchLike } from '../options.js'

/** A server, with what a client of its admin needs. */
export type Server = {
  readonly url: string
  readonly apiKey: string
  readonly fetch: FetchLike
  close(): Promise<void>
}

/** A server that listens on a port, with its services and database. */
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

/** Returns a `describe` that runs a suite on each kind of server. The tests of a suite share one server. */
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

/** Runs a suite in memory and over HTTP on each database. */
export const describeServers = describeEach<Server>([inMemory, ...overHttp])

/** Runs a suite over HTTP on each database, for tests that need a connection, the database or a second server. */
export const describeHttpServers = describeEach(overHttp)
