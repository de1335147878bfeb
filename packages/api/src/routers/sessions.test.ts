import { beforeAll, expect, test } from 'vitest'
import { type Caller, callerOf, describeApi, expectRefusal } from '../testing/callers.js'

describeApi('sessions', (api) => {
  let caller: Caller
  let projectId: number
  beforeAll(async () => {
    caller = (await api.member()).caller
    projectId = (await caller.projects.create({ name: 'Snake', idea: 'A game' })).id
  })

  /** Makes a session expire at once. */
  const expire = (id: number) =>
    api.services.db('sessions').where({ id }).update({ expiresAt: '2020-01-01T00:00:00.000Z' })

  test('last as long as requested, by the clock of the database', async () => {
    const { session } = await caller.sessions.create({ ttlSeconds: 60, metadata: { ip: '127.0.0.1' } })
    expect(session).toMatchObject({ status: 'active', projectId: null, metadata: { ip: '127.0.0.1' } })
    expect(Date.parse(session.expiresAt) - Date.parse(session.createdAt)).toBe(60_000)
    expect(await caller.sessions.get({ id: session.id })).toEqual(session)
    const extended = await caller.sessions.extend({ id: session.id, ttlSeconds: 120 })
    expect(Date.parse(extended.expiresAt)).toBeGreaterThan(Date.parse(session.expiresAt))
  })

  test('are verified by their token until they are closed', async () => {
    const { session, token } = await caller.sessions.create({})
    expect(await caller.sessions.verify({ token })).toEqual(session)
    expect((await api.as(token).users.me()).id).toBe(session.userId)
    expect((await caller.sessions.close({ id: session.id })).status).toBe('closed')
    expect((await caller.sessions.close({ id: session.id })).status).toBe('closed')
    await expectRefusal(caller.sessions.verify({ token }), 'session_closed')
    await expectRefusal(caller.sessions.extend({ id: session.id, ttlSeconds: 60 }), 'session_closed')
    await expectRefusal(api.as(token).users.me(), 'unauthenticated')
    await expectRefusal(caller.sessions.verify({ token: 'mgx_ses_unknown' }), 'not_found')
  })

  test('are expired past their time, for every caller and in every list', async () => {
    const { session, token } = await caller.sessions.create({ projectId })
    await expire(session.id)
    expect((await caller.sessions.get({ id: session.id })).status).toBe('expired')
    await expectRefusal(caller.sessions.verify({ token }), 'session_closed')
    await expectRefusal(caller.sessions.extend({ id: session.id, ttlSeconds: 60 }), 'session_closed')
    await expectRefusal(api.as(token).projects.get({ id: projectId }), 'unauthenticated')
    const ids = async (status: 'active' | 'expired') =>
      (await caller.sessions.list({ status, projectId })).items.map(({ id }) => id)
    expect(await ids('expired')).toContain(session.id)
    expect(await ids('active')).not.toContain(session.id)
    expect((await caller.sessions.close({ id: session.id })).status).toBe('expired')
  })

  test('that are bound to a project can access only that project', async () => {
    const other = await caller.projects.create({ name: 'Other', idea: 'Another game' })
    const { token } = await caller.sessions.create({ projectId })
    const bound = api.as(token)
    const call = { model: 'gpt-4o', promptTokens: 1, completionTokens: 1, totalCost: '0.5' }
    expect((await bound.costs.record({ ...call, projectId })).record.projectId).toBe(projectId)
    expect((await bound.projects.list({})).items.map(({ id }) => id)).toEqual([projectId])
    expect((await bound.reports.projects({})).items.map((row) => row.projectId)).toEqual([projectId])
    await expectRefusal(bound.costs.record({ ...call, projectId: other.id }), 'not_found')
    await expectRefusal(bound.costs.list({ projectId: other.id }), 'not_found')
    await expectRefusal(bound.projects.get({ id: other.id }), 'not_found')
    await expectRefusal(bound.projects.updateStatus({ id: projectId, status: 'running' }), 'forbidden')
    await expectRefusal(bound.projects.update({ id: projectId, name: 'Mine' }), 'forbidden')
    await expectRefusal(bound.projects.create({ name: 'n', idea: 'i' }), 'forbidden')
    await expectRefusal(bound.users.me(), 'forbidden')
    await expectRefusal(bound.sessions.create({}), 'forbidden')
  })

  test('of an admin have no admin rights when bound to a project', async () => {
    const own = await api.admin.projects.create({ name: 'Own', idea: 'i' })
    const { token } = await api.admin.sessions.create({ projectId: own.id })
    await expectRefusal(api.as(token).users.list({}), 'forbidden')
    await expectRefusal(api.as(token).projects.get({ id: projectId }), 'not_found')
    expect((await api.as(token).sessions.list({})).items.map((session) => session.projectId)).toEqual([own.id])
  })

  test("of an admin, bound to a member's project, see that project", async () => {
    const { token } = await api.admin.sessions.create({ projectId })
    expect((await api.as(token).projects.get({ id: projectId })).id).toBe(projectId)
    expect((await api.as(token).projects.list({})).items.map(({ id }) => id)).toEqual([projectId])
  })

  test('cannot create what outlives them: API keys, users, sessions, more time', async () => {
    const { session, token } = await api.admin.sessions.create({ ttlSeconds: 60 })
    const holder = api.as(token)
    await expectRefusal(holder.apiKeys.create({ name: 'x' }), 'forbidden')
    await expectRefusal(holder.apiKeys.list({}), 'forbidden')
    await expectRefusal(holder.users.create({ username: 'x', email: 'x@example.com' }), 'forbidden')
    await expectRefusal(holder.sessions.create({}), 'forbidden')
    await expectRefusal(holder.sessions.extend({ id: session.id, ttlSeconds: 600 }), 'forbidden')
    expect((await holder.sessions.close({ id: session.id })).status).toBe('closed')
  })

  test('end with the API key that created them', async () => {
    const { apiKey, key } = await caller.apiKeys.create({ name: 'short' })
    const { session, token } = await api.as(key).sessions.create({})
    expect((await api.as(token).users.me()).id).toBe(session.userId)
    await caller.apiKeys.revoke({ id: apiKey.id })
    await expectRefusal(api.as(token).users.me(), 'unauthenticated')
    await expectRefusal(caller.sessions.verify({ token }), 'session_closed')
    expect((await caller.sessions.get({ id: session.id })).status).toBe('closed')
  })

  test('expire with the API key that created them', async () => {
    const expiresAt = '2100-01-01T00:00:00.000Z'
    const { apiKey, key } = await caller.apiKeys.create({ name: 'short', expiresAt })
    const { session, token } = await api.as(key).sessions.create({ ttlSeconds: 3600 })
    const keyEnds = new Date(Date.now() + 60_000).toISOString()
    const endKeyAt = (instant: string) =>
      api.services.db('api_keys').where({ id: apiKey.id }).update({ expiresAt: instant })
    await endKeyAt(keyEnds)
    expect((await caller.sessions.get({ id: session.id })).expiresAt).toBe(keyEnds)
    expect((await caller.sessions.extend({ id: session.id, ttlSeconds: 7200 })).expiresAt).toBe(keyEnds)
    expect((await caller.sessions.verify({ token })).expiresAt).toBe(keyEnds)
    expect((await api.as(token).users.me()).id).toBe(session.userId)

    await endKeyAt('2020-01-01T00:00:00.000Z')
    await expectRefusal(callerOf(api.anotherProcess(), token).users.me(), 'unauthenticated')
    await expectRefusal(caller.sessions.verify({ token }), 'session_closed', /expired/)
    await expectRefusal(caller.sessions.extend({ id: session.id, ttlSeconds: 60 }), 'session_closed', /expired/)
    const ids = async (status: 'active' | 'expired' | 'closed') =>
      (await caller.sessions.list({ status })).items.map(({ id }) => id)
    expect(await ids('expired')).toContain(session.id)
    expect(await ids('active')).not.toContain(session.id)
    expect(await ids('closed')).not.toContain(session.id)
    expect((await caller.sessions.get({ id: session.id })).status).toBe('expired')
    expect((await caller.sessions.close({ id: session.id })).status).toBe('expired')
  })

  test('cannot be extended once their API key is revoked or rotated', async () => {
    for (const end of ['revoke', 'rotate'] as const) {
      const { apiKey, key } = await caller.apiKeys.create({ name: end })
      const { session } = await api.as(key).sessions.create({})
      if (end === 'revoke') await caller.apiKeys.revoke({ id: apiKey.id })
      else await caller.apiKeys.rotate({ id: apiKey.id, overlapSeconds: 0 })
      const status = end === 'revoke' ? 'closed' : 'expired'
      const extension = caller.sessions.extend({ id: session.id, ttlSeconds: 60 })
      await expectRefusal(extension, 'session_closed', new RegExp(status))
      expect((await caller.sessions.close({ id: session.id })).status).toBe(status)
    }
  })

  test("of others, or for others' projects, do not exist", async () => {
    const { session, token } = await caller.sessions.create({})
    const { caller: stranger } = await api.member()
    await expectRefusal(stranger.sessions.get({ id: session.id }), 'not_found')
    await expectRefusal(stranger.sessions.verify({ token }), 'not_found')
    await expectRefusal(stranger.sessions.close({ id: session.id }), 'not_found')
    await expectRefusal(stranger.sessions.create({ projectId }), 'not_found')
    expect((await caller.sessions.get({ id: session.id })).status).toBe('active')
  })

  test.each([0, -1, 1.5, 365 * 24 * 3600 + 1])('cannot last %s seconds', async (ttlSeconds) => {
    await expectRefusal(caller.sessions.create({ ttlSeconds }), 'invalid_input', /ttlSeconds/)
  })
})
