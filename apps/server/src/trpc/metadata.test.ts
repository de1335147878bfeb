import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unusual } from '../testing/differential.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

/** Ways to send a call and to read the row it created. JSON is written by hand, because an object literal sets no own `__proto__`. */
const ways = {
  'a plain call': {
    project: ['POST', '/trpc/projects.create', '"name":"n","idea":"i",'],
    change: ['POST', '/trpc/projects.update', '"id":1,'],
    session: ['POST', '/trpc/sessions.create', ''],
  },
  "tRPC's own adapter": {
    project: ['POST', unusual('/trpc/projects.create'), '"name":"n","idea":"i",'],
    change: ['POST', unusual('/trpc/projects.update'), '"id":1,'],
    session: ['POST', unusual('/trpc/sessions.create'), ''],
  },
  REST: {
    project: ['POST', '/api/projects', '"name":"n","idea":"i",'],
    change: ['PATCH', '/api/projects/1', ''],
    session: ['POST', '/api/sessions', ''],
  },
} as const

const calls = Object.entries(ways).flatMap(([way, kinds]) =>
  Object.entries(kinds).map(([kind, call]) => [way, kind, call] as const),
)

const key = '"__proto__":{"isAdmin":true}'
const dropped = [
  `{${key}}`,
  '{"__proto__":null}',
  '{"\\u005f_proto__":5}',
  `{"a":1,${key}}`,
  `{"a":{${key}}}`,
  `{"a":[{"b":[{${key}}]}]}`,
  `{"constructor":{"prototype":{${key}}}}`,
]
const kept =
  '{"constructor":{"prototype":{"isAdmin":true}},"prototype":"p","toString":1,"hasOwnProperty":[{"valueOf":null}]}'

describe.each(testDatabases)('metadata on $name', (database) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await database.migratedUrl() })
    await send('POST', '/api/projects', '{"name":"first","idea":"i","metadata":{"a":1}}')
  })
  afterAll(() => server?.close())

  async function send(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
    const headers = { authorization: `Bearer ${server.adminApiKey}`, 'content-type': 'application/json' }
    const response = await fetch(server.url + path, { method, headers, ...(body !== undefined && { body }) })
    return { status: response.status, text: await response.text() }
  }
  const counts = () =>
    Promise.all(['projects', 'sessions'].map((table) => server.services.db(table).count('* as rows')))

  test.each(calls)('by %s (%s): a key __proto__ is refused at any depth', async (_, __, [method, path, rest]) => {
    const before = await counts()
    for (const metadata of dropped) {
      const { status, text } = await send(method, path, `{${rest}"metadata":${metadata}}`)
      expect([metadata, status, text]).toEqual([metadata, 400, expect.stringContaining('"path":"metadata"')])
      expect(text).toContain('must not have a key __proto__')
    }
    expect(await counts()).toEqual(before)
    expect((await send('GET', '/api/projects/1')).text).not.toContain('isAdmin":true}}')
  })

  test.each(calls)('by %s (%s): other names of objects are kept', async (_, kind, [method, path, rest]) => {
    const made = await send(method, path, `{${rest}"metadata":${kept}}`)
    expect(made.status).toBe(200)
    const [, id] = /"id":(\d+)/.exec(made.text) ?? []
    const read = await send('GET', `/api/${kind === 'session' ? 'sessions' : 'projects'}/${id}`)
    for (const text of [made.text, read.text]) {
      expect(metadataIn(text)).toEqual(JSON.parse(kept))
    }
  })
})

/** Returns the metadata of a row from any form of response. */
function metadataIn(text: string): unknown {
  let found: unknown
  JSON.parse(text, (name, value: unknown) => {
    if (name === 'metadata') found = value
    return value
  })
  return found
}
