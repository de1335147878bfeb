import { beforeAll, describe, expect, test } from 'vitest'
import * as client from './index.js'
import { failureOf } from './testing/client-over.js'
import { describeServers } from './testing/describe-servers.js'
import { answerJson, passOn, standInNetwork } from './testing/stand-in-network.js'

const call = { model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500, totalCost: '0.025' }

describeServers('the client and a server', (server) => {
  let admin: client.MgxClient
  let mgx: client.MgxClient
  let member: client.User

  beforeAll(async () => {
    admin = client.createMgxClient(server)
    const created = await admin.users.create({ username: 'ada', email: 'ada@example.com' })
    member = created.user
    mgx = client.createMgxClient({ ...server, apiKey: created.apiKey ?? '' })
  })

  const newProject = () => mgx.projects.create({ name: 'Snake', idea: 'A snake game' })

  test('calls queries and mutations and returns typed results', async () => {
    expect(await mgx.system.health()).toMatchObject({ status: 'ok' })
    expect(await mgx.users.me()).toEqual(member)
    const project = await newProject()
    expect(project).toMatchObject({
      userId: member.id,
      status: 'pending',
      investment: '3',
      totalCost: '0',
      metadata: null,
    })
    const { record, budget } = await mgx.costs.record({
      ...call,
      projectId: project.id,
      totalCost: 0.024842499999999997,
    })
    expect(record).toMatchObject({
      totalCost: '0.0248425',
      priceSource: 'caller',
      cachedPromptTokens: 0,
      actionType: null,
    })
    expect(budget).toMatchObject({ limit: '3', spent: '0.0248425', exceeded: false })
    expect(await mgx.costs.list({ projectId: project.id })).toEqual({ items: [record], nextCursor: null })
    expect((await mgx.projects.list()).items[0]?.id).toBe(project.id)
    expect((await mgx.reports.projects()).items[0]).toMatchObject({ name: 'Snake', totalCost: '0.0248425' })
  })

  test('a session token works as the API key', async () => {
    const { session, token } = await mgx.sessions.create()
    const other = client.createMgxClient({ ...server, apiKey: token })
    expect(await other.users.me()).toMatchObject({ id: member.id, username: 'ada' })
    expect(await mgx.sessions.verify({ token })).toEqual(session)
    await mgx.sessions.close({ id: session.id })
    expect(await failureOf(mgx.sessions.extend({ id: session.id, ttlSeconds: 60 }))).toBeInstanceOf(
      client.SessionClosedError,
    )
  })

  test('1,000 records of 0.1 add up to exactly 100', async () => {
    const { id: projectId } = await newProject()
    const records = Array.from({ length: 1000 }, () => ({ ...call, projectId, totalCost: 0.1 }))
    const { results } = await mgx.costs.recordMany({ records })
    expect(results.every(({ ok }) => ok)).toBe(true)
    expect(await mgx.costs.total({ projectId })).toMatchObject({
      totalCost: '100',
      records: 1000,
      promptTokens: 1_000_000,
    })
  })

  test('50 concurrent calls with one idempotency key write one record; a different amount is rejected', async () => {
    const { id: projectId } = await newProject()
    const input = { ...call, projectId, idempotencyKey: 'once' }
    const answers = await Promise.all(Array.from({ length: 50 }, () => mgx.costs.record(input)))
    expect(new Set(answers.map(({ record }) => record.id)).size).toBe(1)
    const failure = await failureOf(mgx.costs.record({ ...input, totalCost: '1' }))
    expect(failure).toBeInstanceOf(client.IdempotencyMismatchError)
    expect(failure).toMatchObject({ reason: 'idempotency_mismatch', status: 422, path: 'costs.record' })
    expect(await mgx.costs.total({ projectId })).toMatchObject({ records: 1, totalCost: '0.025' })
  })

  test('a call whose response is lost after the commit is retried and counts once', async () => {
    const { id: projectId } = await newProject()
    const network = await standInNetwork(async (seen, response, before) => {
      const { status, body } = await passOn(server, seen)
      if (before === 0) response.destroy()
      else answerJson(response, body, status)
    })
    const through = client.createMgxClient({ url: network.url, apiKey: server.apiKey })
    const { record } = await through.costs.record({ ...call, projectId })
    await network.close()
    expect(network.seen).toHaveLength(2)
    expect(await mgx.costs.list({ projectId })).toEqual({ items: [record], nextCursor: null })
  })

  describe('throws a typed error for', () => {
    test('invalid input', async () => {
      const unknownField = { name: '', idea: 'x', budget: 3 }
      const failure = await failureOf(mgx.projects.create(unknownField))
      expect(failure).toBeInstanceOf(client.InvalidInputError)
      expect(failure).toMatchObject({ status: 400, requestId: expect.stringMatching(/./), path: 'projects.create' })
      const { fields } = failure as client.InvalidInputError
      expect(fields.map(({ path }) => path).sort()).toEqual(['budget', 'name'])
    })

    test('a wrong key and a missing permission', async () => {
      const stranger = client.createMgxClient({ ...server, apiKey: 'mgx_key_wrong' })
      expect(await failureOf(stranger.users.me())).toBeInstanceOf(client.UnauthenticatedError)
      expect(await failureOf(mgx.users.list())).toBeInstanceOf(client.ForbiddenError)
    })

    test('a row that does not exist or belongs to another user', async () => {
      const foreign = await admin.projects.create({ name: 'b', idea: 'c' })
      const failures = [
        await failureOf(mgx.projects.get({ id: foreign.id })),
        await failureOf(mgx.projects.get({ id: 999_999 })),
      ]
      for (const failure of failures) {
        expect(failure).toBeInstanceOf(client.NotFoundError)
        expect(failure).toMatchObject({ reason: 'not_found', status: 404, message: 'projects.get: project not found' })
      }
    })

    test('conflicts and invalid transitions', async () => {
      const twin = admin.users.create({ username: 'ADA', email: 'other@example.com' })
      expect(await failureOf(twin)).toBeInstanceOf(client.ConflictError)
      const { id } = await newProject()
      await mgx.projects.updateStatus({ id, status: 'failed' })
      const transition = await failureOf(mgx.projects.updateStatus({ id, status: 'running' }))
      expect(transition).toBeInstanceOf(client.InvalidTransitionError)
      expect(transition).toMatchObject({ reason: 'invalid_transition', status: 409 })
    })

    test('a model without a price', async () => {
      const { id: projectId } = await newProject()
      const failure = await failureOf(
        mgx.costs.record({ projectId, model: 'no-such-model', promptTokens: 1, completionTokens: 1 }),
      )
      expect(failure).toBeInstanceOf(client.UnknownModelError)
    })

    test('one record of a batch', async () => {
      const { id: projectId } = await newProject()
      const { results } = await mgx.costs.recordMany({
        records: [
          { ...call, projectId: 999_999 },
          { ...call, projectId },
        ],
      })
      expect(results).toMatchObject([
        { ok: false, error: { reason: 'not_found' } },
        { ok: true, record: { projectId } },
      ])
    })
  })
})
