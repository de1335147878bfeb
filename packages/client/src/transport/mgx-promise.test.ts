import { beforeAll, describe, expect, test } from 'vitest'
import { createMgxClient, type MgxClient, NotFoundError, type Project } from '../index.js'
import { failureOf } from '../testing/client-over.js'
import { describeServers } from '../testing/describe-servers.js'

describeServers('the result of a call to a server', (server) => {
  let mgx: MgxClient
  let requests = 0
  const newestFirst = ['7', '6', '5', '4', '3', '2', '1']

  beforeAll(async () => {
    const onRequest = () => {
      requests += 1
    }
    mgx = createMgxClient({ ...server, onRequest })
    for (const name of newestFirst.toReversed()) await mgx.projects.create({ name, idea: 'x' })
  })

  describe('a page', () => {
    async function take(rows: AsyncIterable<Project>, count = Infinity) {
      const names: string[] = []
      for await (const { name } of rows) if (names.push(name) === count) break
      return names
    }

    test('resolves to one page, and iterates over it and all later ones', async () => {
      const page = await mgx.projects.list({ limit: 3 })
      expect(page.items.map(({ name }) => name)).toEqual(newestFirst.slice(0, 3))
      expect(page.nextCursor).toEqual(expect.any(String))
      requests = 0
      expect(await take(mgx.projects.list({ limit: 3 }))).toEqual(newestFirst)
      expect(requests).toBe(3)
      expect(await take(mgx.projects.list())).toEqual(newestFirst)
    })

    test('keeps the input from page to page', async () => {
      const { id } = (await mgx.projects.list({ limit: 1 })).items[0] as Project
      await mgx.projects.updateStatus({ id, status: 'running' })
      expect(await take(mgx.projects.list({ limit: 2, status: 'pending' }))).toEqual(newestFirst.slice(1))
    })

    test('fetches only the pages that the loop reaches', async () => {
      requests = 0
      expect(await take(mgx.projects.list({ limit: 2 }), 3)).toEqual(newestFirst.slice(0, 3))
      expect(requests).toBe(2)
    })

    test('may be empty, and may be iterated twice', async () => {
      expect(await take(mgx.projects.list({ status: 'failed' }))).toEqual([])
      const rows = mgx.projects.list({ limit: 4 })
      expect([await take(rows), await take(rows)]).toEqual([newestFirst, newestFirst])
    })

    test('throws in the loop when a page cannot be fetched', async () => {
      expect(await failureOf(take(mgx.projects.list({ cursor: 'nonsense' })))).toMatchObject({
        reason: 'invalid_input',
      })
    })
  })

  describe('withResponse', () => {
    test('has the data, the status, the headers and the request id', async () => {
      const { data, response } = await mgx.users.me().withResponse()
      expect(data).toEqual(await mgx.users.me())
      expect(response.status).toBe(200)
      expect(response.requestId).toMatch(/^[\w-]{8,}$/)
      expect(response.headers.get('x-request-id')).toBe(response.requestId)
      const page = await mgx.projects.list({ limit: 1 }).withResponse()
      expect(page.data.items).toHaveLength(1)
    })

    test('is the same response for the calls of a batch', async () => {
      const calls = [mgx.users.me(), mgx.users.me()].map((call) => call.withResponse())
      const [one, other] = await Promise.all(calls)
      expect(one?.response.requestId).toBe(other?.response.requestId)
    })

    test('rejects as the call does, without a second unhandled rejection', async () => {
      expect(await failureOf(mgx.projects.get({ id: 999_999 }).withResponse())).toBeInstanceOf(NotFoundError)
    })
  })
})
