import { beforeAll, expect, test } from 'vitest'
import * as client from './index.js'
import { failureOf } from './testing/client-over.js'
import { describeServers } from './testing/describe-servers.js'

const call = { model: 'm', promptTokens: 1000, completionTokens: 500, totalCost: '0.025' }

const wrongIds: [unknown, string][] = [
  ['x', 'Invalid string: must match pattern /^\\d{1,16}$/'],
  [-1, 'Too small: expected number to be >=0'],
  [1.5, 'must be the id of a cost record, or 0'],
  [true, 'must be the id of a cost record, or 0'],
  ['9'.repeat(16), 'Too big: expected int to be <=9007199254740991'],
  [999_999_999, 'is past the newest record'],
]

describeServers('the client and a server', (server) => {
  let mgx: client.MgxClient
  beforeAll(() => {
    mgx = client.createMgxClient(server)
  })

  const newProject = async (investment = '1') => (await mgx.projects.create({ name: 'n', idea: 'i', investment })).id

  test('iterate over pages, which stay stable while rows are added', async () => {
    const projectId = await newProject()
    const { results } = await mgx.costs.recordMany({ records: Array(25).fill({ ...call, projectId }) })
    const written = results.flatMap((result) => (result.ok ? [result.record.id] : []))
    const read: number[] = []
    for await (const { id } of mgx.costs.list({ projectId, limit: 10 })) {
      if (read.length === 5) await mgx.costs.record({ ...call, projectId })
      read.push(id)
    }
    expect(read).toEqual(written.reverse())
    const groupBy: ('model' | 'actionType')[] = ['model', 'actionType']
    for (const model of ['b', 'a', '🐍', '\uffee']) await mgx.costs.record({ ...call, projectId, model })
    const models: unknown[] = []
    for await (const row of mgx.reports.spend({ groupBy, projectId, limit: 2 })) models.push(row.model)
    expect(models).toEqual(['a', 'b', 'm', '\uffee', '🐍'])
  })

  test('batch calls of one tick, each with its own response', async () => {
    const id = await newProject()
    const own = mgx.projects.get({ id }).withResponse()
    const [{ data, response }, failure, me] = await Promise.all([
      own,
      failureOf(mgx.projects.get({ id: 999_999 })),
      mgx.users.me().withResponse(),
    ])
    expect(data.id).toBe(id)
    expect(failure).toBeInstanceOf(client.NotFoundError)
    expect(response.requestId).toEqual(expect.any(String))
    expect(me.response.requestId).toBe(response.requestId)
    expect(me.response.status).toBe(207)
  })

  test('watch existing and new cost records, and reject invalid input', async () => {
    const projectId = await newProject()
    const first = await mgx.costs.record({ ...call, projectId })
    const seen: client.StreamEvent<client.WatchedCost>[] = []
    for await (const event of mgx.costs.watch({ projectId, lastEventId: '0' })) {
      seen.push(event)
      if (seen.length === 2) break
      await mgx.costs.record({ ...call, projectId, actionType: 'WriteCode' })
    }
    expect(seen[0]).toEqual({ id: String(first.record.id), ...first })
    expect(seen[1]).toMatchObject({ record: { actionType: 'WriteCode' }, budget: { spent: '0.05' } })
    const refusalOf = async (input: client.WatchCostsInput) => {
      for await (const _ of mgx.costs.watch(input)) throw new Error('expected a rejection')
    }
    expect(await failureOf(refusalOf({ projectId: 999_999 }))).toBeInstanceOf(client.NotFoundError)
    for (const [lastEventId, message] of wrongIds) {
      const fields = [{ path: 'lastEventId', message }]
      const failure = await failureOf(refusalOf({ projectId, lastEventId: lastEventId as string }))
      expect(failure).toMatchObject({ reason: 'invalid_input', fields })
    }
  })

  test('reject a body that is too large', async () => {
    const failure = await failureOf(mgx.projects.create({ name: 'n', idea: 'x'.repeat(1_100_000) }))
    expect(failure).toBeInstanceOf(client.PayloadTooLargeError)
    expect(failure).toMatchObject({ message: 'projects.create: the body must be at most 1 MiB' })
  })
})
