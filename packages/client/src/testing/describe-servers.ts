import { testDatabases } from '@mgx/db/testing'
import { startTestServer } from '@mgx/server/testing'
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

const servers: readonly { name: string; start(): Promise<Server> }[] = [
  { name: 'in memory', start: createTestServer },
  ...testDatabases.map(({ name, url }) => ({
    name: `on ${name}`,
    async start() {
      const { adminApiKey: apiKey, ...server } = await startTestServer({ databaseUrl: await url() })
      return { ...server, apiKey, fetch }
    },
  })),
]

/** A suite on each kind of server, one for all its tests; `server` is there once they begin. */
export function describeServers(name: string, suite: (server: Server) => void): void {
  describe.each(servers)(`${name} $name`, ({ start }) => {
    const server = {} as Server
    beforeAll(async () => {
      Object.assign(server, await start())
    })
    afterAll(() => server.close?.())
    suite(server)
  })
}
