import { reasons } from '@mgx/contract'
import { testDatabases } from '@mgx/db/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../rest/operations.js'
import { hostile, inputsOf } from '../testing/arbitrary-of.js'
import { freshAdmin, samples } from '../testing/fuzz-world.js'
import { call } from '../testing/rpc.js'
import { tableContents, writtenRows } from '../testing/table-contents.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'

/** The whole table on one database, a sample on the other. */
const runs = { sqlite: 10, postgres: 2 }
/** What SQL takes apart when it is not kept apart from values. */
const INJECTIONS = [
  "'; DROP TABLE cost_records; --",
  "' OR '1'='1",
  '" OR 1=1 --',
  '1); UPDATE projects SET investment = 0; --',
  "\\'; SELECT pg_sleep(9); --",
  "' UNION SELECT secret FROM api_keys --",
  '$1',
  '?',
  ':id',
  '??',
  '%_%',
]

describe.each(testDatabases)('on $name', (database) => {
  let server: TestServer
  let contents: Record<string, string>
  let written: number | undefined
  const statuses = new Map<string, Set<number>>()
  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await database.migratedUrl() })
    const caller = { url: server.url, apiKey: server.adminApiKey }
    for (const [procedure, input] of samples) await call(caller, procedure, input)
  })
  afterAll(() => server.close())

  /** Creates a new admin, whose rows are no change by a refused call. */
  async function newAdmin(): Promise<string> {
    const apiKey = await freshAdmin(server)
    await isChanged()
    return apiKey
  }

  /** Posts an input; a refusal must be one of the contract's and change nothing. Returns the status. */
  async function post(apiKey: string, path: string, input: unknown): Promise<number> {
    const status = await answered(apiKey, path, input)
    statuses.set(path, (statuses.get(path) ?? new Set()).add(status))
    if (!(await isChanged())) return status
    // Holds expire in the background too, but not twice.
    if (status !== 200) {
      await answered(apiKey, path, input)
      expect(await isChanged(), `changed by a refused ${path}: ${JSON.stringify(input)}`).toBe(false)
    }
    return status
  }

  /** Whether a table has changed since this was asked the last time. */
  async function isChanged(): Promise<boolean> {
    const count = await writtenRows(server.services.db)
    if (count !== undefined && count === written) return false
    written = count
    const before = JSON.stringify(contents)
    contents = await tableContents(server.services.db)
    return JSON.stringify(contents) !== before
  }

  async function answered(apiKey: string, path: string, input: unknown): Promise<number> {
    const response = await fetch(`${server.url}/trpc/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(input) ?? '',
    })
    const answer = (await response.json()) as { error?: { data: { reason: keyof typeof reasons } } }
    if (response.status !== 200) {
      expect(response.status, JSON.stringify(answer)).toBeLessThan(500)
      expect(response.status).toBe(reasons[answer.error?.data.reason ?? 'internal'].httpStatus)
    }
    return response.status
  }

  const procedures = [...new Map(operations.map((operation) => [operation.path, operation]))]
  test.each(procedures)('%s: never an internal error, never a change by a refused call', async (path, operation) => {
    const apiKey = await newAdmin()
    // The same in every run, so that some are accepted however few random ones follow.
    const known = fc.sample(inputsOf(operation), { numRuns: 4, seed: 1 })
    for (const each of known) await post(apiKey, path, each)
    const [input = {}] = known
    const names = [...new Set([...operation.parameters.map(({ name }) => name), ...Object.keys(input), 'cursor'])]
    for (const injection of INJECTIONS.slice(0, runs[database.name])) {
      await post(apiKey, path, Object.fromEntries(names.map((name) => [name, injection])))
    }
    for (const name of names) await post(apiKey, path, { ...input, [name]: INJECTIONS[0] })
    await fc.assert(
      fc.asyncProperty(fc.oneof({ arbitrary: inputsOf(operation), weight: 9 }, hostile), async (each) => {
        await post(apiKey, path, each)
      }),
      { numRuns: runs[database.name] },
    )
  })

  test.each(['projects.list', 'users.list', 'apiKeys.list', 'costs.list', 'prices.list', 'sessions.list'])(
    '%s: SQL inside of a cursor that has the right form',
    async (path) => {
      const apiKey = await newAdmin()
      for (const injection of INJECTIONS.slice(0, runs[database.name])) {
        for (const inside of [injection, JSON.stringify([injection, injection]), JSON.stringify({ id: injection })]) {
          const cursor = Buffer.from(inside).toString('base64url')
          expect(await post(apiKey, path, { ...(path === 'costs.list' && { projectId: 1 }), cursor })).toBe(400)
        }
      }
    },
  )

  test('most procedures accepted some inputs and refused others', () => {
    const all = [...statuses.values()]
    expect(all.filter((some) => some.has(200)).length).toBeGreaterThan(procedures.length * 0.5)
    expect(all.filter((some) => some.has(400)).length).toBeGreaterThan(procedures.length * 0.8)
  })

  test('costs.watch refuses what it cannot read', async () => {
    const authorization = `Bearer ${await newAdmin()}`
    const inputs = fc.oneof(hostile, fc.record({ projectId: hostile, lastEventId: hostile }))
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        const query = new URLSearchParams({ input: JSON.stringify(input) }).toString()
        fc.pre(query.length < 15_000)
        const response = await fetch(`${server.url}/trpc/costs.watch?${query}`, { headers: { authorization } })
        const { value } = (await response.body?.getReader().read()) ?? {}
        expect(response.status, String(value && Buffer.from(value))).toBeLessThan(500)
        expect(value && Buffer.from(value).toString()).not.toMatch(/"reason":"internal"/)
      }),
      { numRuns: 2 * runs[database.name] },
    )
    expect(await isChanged()).toBe(false)
  })
})
