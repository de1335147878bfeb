import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyWays } from '../testing/body-ways.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

const MAX_HELD_BYTES = 64 * 1024 * 1024
const HALF = 1024

describe.each(testDatabases)('the bodies of unanswered calls on $name', (database) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await database.migratedUrl() })
  })
  afterAll(() => server.close())

  test.each(bodyWays)(
    '%s is refused when they are 64 MiB together, and changes nothing',
    async (_name, path, isBatch) => {
      const { db, heldBytes } = server.services
      const headers = { authorization: `Bearer ${server.adminApiKey}`, 'content-type': 'application/json' }
      const body = isBatch
        ? `{"0":{"name":"Snake","idea":"A game"}}`.padEnd(HALF)
        : `{"name":"Snake","idea":"A game"}`.padEnd(HALF)
      const post = () => fetch(server.url + path, { method: 'POST', headers, body })
      const projects = async () => Number((await db('projects').count({ n: '*' }))[0]?.n)
      const earlier = await projects()

      const most = heldBytes.hold(1, MAX_HELD_BYTES - HALF)
      const oneMore = heldBytes.hold(1, 1)
      const refused = await post()
      expect(await refused.text()).toContain('too much data of your calls is waiting')
      expect(refused.status).toBe(429)
      expect(refused.headers.get('retry-after')).toBe('1')
      expect(await projects()).toBe(earlier)

      oneMore()
      expect((await post()).ok).toBe(true)
      expect((await post()).ok).toBe(true)
      expect(await projects()).toBe(earlier + 2)
      most()
    },
  )

  test('the calls of a batch share its body', async () => {
    const release = server.services.heldBytes.hold(1, MAX_HELD_BYTES - HALF)
    const response = await fetch(`${server.url}/trpc/projects.create,projects.create?batch=1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.adminApiKey}`, 'content-type': 'application/json' },
      body: `{"0":{"name":"Snake","idea":"A game"},"1":{"name":"Snake","idea":"A game"}}`.padEnd(HALF),
    })
    expect(await response.json()).toMatchObject([{ result: {} }, { result: {} }])
    release()
  })
})
