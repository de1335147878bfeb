import { beforeAll, expect, test } from 'vitest'
import { type Caller, callerOf, describeApi, expectRefusal } from '../testing/callers.js'

describeApi('API keys', (api) => {
  let member: { id: number; apiKey: string; caller: Caller }
  let projectId: number
  const call = { model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.01' }
  beforeAll(async () => {
    member = await api.member()
    projectId = (await member.caller.projects.create({ name: 'Snake', idea: 'A game' })).id
  })

  test('may do by default what their user may: `write` for members, `admin` for admins', async () => {
    expect((await member.caller.apiKeys.create({ name: 'a' })).apiKey.scopes).toEqual(['write'])
    expect((await api.admin.apiKeys.create({ name: 'a' })).apiKey.scopes).toEqual(['admin'])
    const forMember = await api.admin.apiKeys.create({ name: 'a', userId: member.id })
    expect(forMember.apiKey).toMatchObject({ userId: member.id, scopes: ['write'] })
    const created = await api.admin.users.create({ username: 'b', email: 'b@example.com', role: 'admin' })
    expect((await api.as(created.apiKey ?? '').apiKeys.list({})).items[0]?.scopes).toEqual(['admin'])
  })

  test('of an agent record and hold, and change nothing else', async () => {
    const { key } = await member.caller.apiKeys.create({ name: 'agent', scopes: ['record'] })
    const agent = api.as(key)
    await agent.costs.record({ ...call, projectId })
    await agent.costs.recordMany({ records: [{ ...call, projectId }] })
    const { reservation } = await agent.budgets.reserve({ projectId, amount: '0.1' })
    await agent.budgets.extend({ reservationId: reservation.id, ttlSeconds: 60 })
    await agent.budgets.settle({ reservationId: reservation.id, ...call })
    expect((await agent.projects.get({ id: projectId })).id).toBe(projectId)
    await expectRefusal(agent.projects.create({ name: 'n', idea: 'i' }), 'forbidden', /does not have the scope `write`/)
    await expectRefusal(agent.projects.update({ id: projectId, name: 'n' }), 'forbidden')
    await expectRefusal(agent.sessions.create({}), 'forbidden')
  })

  test('of an admin without the scope `admin` see and change what is the own of the admin', async () => {
    const { key } = await api.admin.apiKeys.create({ name: 'everyday', scopes: ['write'] })
    const everyday = api.as(key)
    const own = await everyday.projects.create({ name: 'own', idea: 'i' })
    expect((await everyday.projects.list({})).items.map(({ id }) => id)).toEqual([own.id])
    await expectRefusal(everyday.projects.get({ id: projectId }), 'not_found')
    await expectRefusal(everyday.costs.adjust({ projectId: own.id, totalCost: '1', reason: 'r' }), 'forbidden')
    await expectRefusal(everyday.apiKeys.create({ name: 'x', scopes: ['admin'] }), 'forbidden')
    expect((await everyday.apiKeys.create({ name: 'x' })).apiKey.scopes).toEqual(['write'])
    await expectRefusal(everyday.apiKeys.create({ name: 'x', projectId }), 'not_found')
    await expectRefusal(everyday.apiKeys.create({ name: 'x', userId: member.id }), 'forbidden')
    const elsewhere = await api.admin.apiKeys.create({ name: 'elsewhere', scopes: ['write'], projectId })
    await expectRefusal(everyday.apiKeys.rotate({ id: elsewhere.apiKey.id }), 'not_found')
    expect((await api.admin.apiKeys.rotate({ id: elsewhere.apiKey.id })).apiKey.projectId).toBe(projectId)
  })

  test('of members cannot have the scope `admin`, and lose it with the role', async () => {
    const asked = { name: 'x', userId: member.id, scopes: ['admin' as const] }
    await expectRefusal(api.admin.apiKeys.create(asked), 'invalid_input', /scopes/)
    await expectRefusal(member.caller.apiKeys.create({ name: 'x', scopes: ['admin'] }), 'forbidden')
    const boss = { username: 'boss', email: 'boss@example.com', role: 'admin' } as const
    const { user, apiKey } = await api.admin.users.create(boss)
    await api.admin.users.update({ id: user.id, role: 'member' })
    await expectRefusal(api.as(apiKey ?? '').users.list({}), 'forbidden')
    expect((await api.as(apiKey ?? '').projects.create({ name: 'n', idea: 'i' })).userId).toBe(user.id)
  })

  test('that are bound to a project touch nothing else, and end with it', async () => {
    const { caller } = member
    const project = await caller.projects.create({ name: 'Bound', idea: 'i' })
    const { key, apiKey } = await caller.apiKeys.create({ name: 'bound', projectId: project.id })
    expect(apiKey.projectId).toBe(project.id)
    const bound = api.as(key)
    expect((await bound.projects.list({})).items.map(({ id }) => id)).toEqual([project.id])
    await expectRefusal(bound.costs.record({ ...call, projectId }), 'not_found')
    await expectRefusal(bound.projects.create({ name: 'n', idea: 'i' }), 'forbidden')
    await expectRefusal(bound.apiKeys.list({}), 'forbidden')
    await expectRefusal(bound.users.me(), 'forbidden')
    expect((await bound.projects.updateStatus({ id: project.id, status: 'running' })).status).toBe('running')
    const { token, session } = await caller.sessions.create({ projectId: project.id })
    await caller.projects.updateStatus({ id: project.id, status: 'completed' })
    const elsewhere = api.anotherProcess()
    for (const credential of [key, token]) {
      await expectRefusal(
        callerOf(elsewhere, credential).costs.record({ ...call, projectId: project.id }),
        'unauthenticated',
      )
    }
    expect((await caller.sessions.get({ id: session.id })).status).toBe('closed')
    expect((await caller.costs.record({ ...call, projectId: project.id })).record.projectId).toBe(project.id)
    await expectRefusal(caller.apiKeys.rotate({ id: apiKey.id }), 'conflict')
    const { caller: stranger, id } = await api.member()
    await expectRefusal(stranger.apiKeys.create({ name: 'x', projectId }), 'not_found')
    await expectRefusal(api.admin.apiKeys.create({ name: 'x', projectId, userId: id }), 'not_found')
    expect((await api.admin.apiKeys.create({ name: 'x', projectId, userId: member.id })).apiKey.projectId).toBe(
      projectId,
    )
  })

  test('and those that replace them are valid for the overlap, which ends in `expiresAt`', async () => {
    const { caller } = member
    const expiresAt = '2100-01-01T00:00:00.000Z'
    const limits = { scopes: ['record' as const], projectId, callsPerMinute: 1_000 }
    const old = await caller.apiKeys.create({ name: 'old', expiresAt, ...limits })
    const { apiKey, key } = await caller.apiKeys.rotate({ id: old.apiKey.id })
    expect(apiKey).toMatchObject({ name: 'old', expiresAt, rotatedAt: null, ...limits })
    const replaced = (await caller.apiKeys.list({})).items.find(({ id }) => id === old.apiKey.id)
    expect(replaced?.revokedAt).toBeNull()
    const overlap = Date.parse(replaced?.expiresAt ?? '') - Date.parse(replaced?.rotatedAt ?? '')
    expect(Math.abs(overlap - 24 * 3600 * 1000)).toBeLessThan(1_000)
    for (const each of [old.key, key]) expect((await api.as(each).projects.get({ id: projectId })).id).toBe(projectId)
    await expectRefusal(caller.apiKeys.rotate({ id: old.apiKey.id }), 'conflict', /already rotated/)

    await api.services.db('api_keys').where({ id: old.apiKey.id }).update({ expiresAt: '2020-01-01T00:00:00.000Z' })
    const elsewhere = api.anotherProcess()
    await expectRefusal(callerOf(elsewhere, old.key).projects.list({}), 'unauthenticated')
    expect((await callerOf(elsewhere, key).projects.list({})).items).toHaveLength(1)

    const soon = new Date(Date.now() + 60_000).toISOString()
    const short = await caller.apiKeys.create({ name: 'short', expiresAt: soon })
    await caller.apiKeys.rotate({ id: short.apiKey.id, overlapSeconds: 7 * 24 * 3600 })
    expect((await caller.apiKeys.list({})).items.find(({ id }) => id === short.apiKey.id)?.expiresAt).toBe(soon)
  })

  test.each([-1, 0.5, 7 * 24 * 3600 + 1])('cannot overlap for %s seconds', async (overlapSeconds) => {
    const { apiKey } = await member.caller.apiKeys.create({ name: 'x' })
    await expectRefusal(
      member.caller.apiKeys.rotate({ id: apiKey.id, overlapSeconds }),
      'invalid_input',
      /overlapSeconds/,
    )
    expect((await member.caller.apiKeys.list({})).items[0]?.rotatedAt).toBeNull()
  })

  test('are those of an active user', async () => {
    const { id, apiKey, caller } = await api.member()
    const { token, session } = await caller.sessions.create({})
    await expectRefusal(caller.users.deactivate({ id }), 'forbidden')
    const deactivated = await api.admin.users.deactivate({ id })
    expect(deactivated.deactivatedAt).not.toBeNull()
    expect(await api.admin.users.deactivate({ id })).toEqual(deactivated)
    for (const credential of [apiKey, token]) await expectRefusal(api.as(credential).users.me(), 'unauthenticated')
    expect((await api.admin.sessions.get({ id: session.id })).status).toBe('closed')
    expect((await api.admin.users.reactivate({ id })).deactivatedAt).toBeNull()
    for (const credential of [apiKey, token]) expect((await api.as(credential).users.me()).id).toBe(id)
    await expectRefusal(api.admin.users.deactivate({ id: 999_999 }), 'not_found')
  })

  test('are needed to change a role, which outlives a session', async () => {
    const { id } = await api.member()
    const { token } = await api.admin.sessions.create({})
    await expectRefusal(api.as(token).users.update({ id, role: 'admin' }), 'forbidden', /session/)
    expect((await api.as(token).users.update({ id, spendingLimit: '5' })).role).toBe('member')
    expect((await api.admin.users.update({ id, role: 'admin' })).role).toBe('admin')
  })

  test('of the last active admin stay', async () => {
    const fresh = api.admin
    const admins = (await fresh.users.list({ limit: 200 })).items.filter(({ role }) => role === 'admin')
    const { id } = await fresh.users.me()
    for (const admin of admins) if (admin.id !== id) await fresh.users.deactivate({ id: admin.id })
    await expectRefusal(fresh.users.deactivate({ id }), 'conflict')
    for (const admin of admins) if (admin.id !== id) await fresh.users.reactivate({ id: admin.id })
  })
})
