import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { describeApi, expectRefusal } from '../testing/callers.js'

describeApi('audit.list', (api) => {
  test('shows a member what concerns the member, whoever did it, and an admin everything', async () => {
    const [zoe, ada] = [await api.member(), await api.member()]
    const { id } = await zoe.caller.projects.create({ name: 'Snake', idea: 'A game' })
    await ada.caller.projects.create({ name: 'Pong', idea: 'A game' })
    await api.admin.users.update({ id: zoe.id, spendingLimit: '5' })
    await api.admin.prices.set({ model: `m-${randomUUID()}`, inputPrice: '1', outputPrice: '1' })
    const mine = (await zoe.caller.audit.list()).items
    expect(mine).toMatchObject([
      {
        action: 'users.update',
        actor: 'user:1',
        credential: 'apiKey:1',
        userId: zoe.id,
        subject: `user:${zoe.id}`,
        requestId: 'test',
        before: { id: zoe.id, spendingLimit: null },
        after: { id: zoe.id, spendingLimit: '5' },
      },
      { action: 'projects.create', actor: `user:${zoe.id}`, userId: zoe.id, subject: `project:${id}`, before: null },
      { action: 'users.create', actor: 'system', userId: zoe.id, before: null },
    ])
    const all = (await api.admin.audit.list({ limit: 200 })).items
    expect(all.map((entry) => entry.id)).toEqual(all.map((entry) => entry.id).toSorted((a, b) => b - a))
    expect(all).toEqual(expect.arrayContaining(mine))
    expect(all[0]).toMatchObject({ action: 'prices.set', userId: null })
    expect(new Set(all.map(({ userId }) => userId))).toEqual(new Set([1, zoe.id, ada.id, null]))
    for (const foreign of [ada.id, 2 ** 31 - 1]) {
      expect(await zoe.caller.audit.list({ userId: foreign })).toEqual({ items: [], nextCursor: null })
    }
  })

  test('shows nothing to a credential of one project, and only what is their own to an admin without `admin`', async () => {
    const { id: projectId } = await api.admin.projects.create({ name: 'Snake', idea: 'A game' })
    const { key } = await api.admin.apiKeys.create({ name: 'bound', scopes: ['write'], projectId })
    const { token } = await api.admin.sessions.create({ projectId })
    for (const bound of [key, token]) await expectRefusal(api.as(bound).audit.list(), 'forbidden')
    const everyday = await api.admin.apiKeys.create({ name: 'everyday', scopes: ['write'] })
    const { items } = await api.as(everyday.key).audit.list()
    expect(new Set(items.map(({ userId }) => userId))).toEqual(new Set([1]))
    await expectRefusal(api.as(everyday.key).audit.failedSignIns(), 'forbidden')
  })

  test('filters by user, actor, action, subject and time, and has pages', async () => {
    const { id: userId, caller } = await api.member()
    const { id } = await caller.projects.create({ name: 'Snake', idea: 'A game' })
    for (const name of ['a', 'b', 'c']) await caller.projects.update({ id, name })
    await api.admin.projects.update({ id, name: 'd' })
    const subject = `project:${id}`
    const list = async (filter: object) => (await api.admin.audit.list({ userId, ...filter })).items
    const all = await list({})
    expect(all).toHaveLength(6)
    expect(await list({ subject })).toHaveLength(5)
    expect(await list({ subject, actor: 'user:1' })).toHaveLength(1)
    expect(await list({ actor: `user:${userId}`, action: 'projects.update' })).toHaveLength(3)
    for (const actor of ['user:', 'user:%', 'USER:1', `user:1' OR '1'='1`]) expect(await list({ actor })).toEqual([])

    const instants = all.map(({ createdAt }) => createdAt)
    const [last = ''] = instants
    const after = all.filter(({ createdAt }) => createdAt >= last)
    expect(await list({ from: last })).toEqual(after)
    expect(await list({ to: last })).toEqual(all.slice(after.length))

    const paged = []
    for (let cursor: string | undefined; ; ) {
      const page = await api.admin.audit.list({ userId, limit: 2, ...(cursor !== undefined && { cursor }) })
      paged.push(...page.items)
      await api.admin.projects.update({ id, name: randomUUID() })
      if (page.nextCursor === null) break
      cursor = page.nextCursor
    }
    expect(paged).toEqual(all)
    await expectRefusal(api.admin.audit.list({ cursor: 'none' }), 'invalid_input', /cursor/)
  })
})

describeApi('audit.failedSignIns', (api) => {
  const attempt = (address: string | null, services = api.services) =>
    services.credentials.authenticate({ authorization: 'Bearer wrong', address }).then(
      () => expect.unreachable(),
      () => {},
    )
  const counts = async () => {
    const { items } = await api.admin.audit.failedSignIns({ limit: 200 })
    return Object.fromEntries(items.map(({ address, count }) => [address, count]))
  }

  test('counts wrong credentials by address and hour, of all servers together', async () => {
    const other = api.anotherProcess()
    for (const services of [api.services, api.services, other]) await attempt('192.0.2.1', services)
    await attempt('::ffff:192.0.2.1')
    for (const last of ['1', '2']) await attempt(`2001:db8:0:1::${last}`)
    await attempt(null)
    await api.admin.audit.list()
    expect(await counts()).toEqual({})
    await Promise.all([api.services.failedSignIns.flush(), other.failedSignIns.flush()])
    expect(await counts()).toEqual({ '192.0.2.1': 4, '2001:db8:0:1::/64': 2 })
    await attempt('192.0.2.1')
    await api.services.failedSignIns.flush()
    const { items } = await api.admin.audit.failedSignIns()
    expect(items.find(({ address }) => address === '192.0.2.1')?.count).toBe(5)
    const [{ hour } = { hour: '' }] = items
    expect(hour).toMatch(/T\d\d:00:00\.000Z$/)
    expect((await api.admin.audit.failedSignIns({ from: hour })).items).toEqual(items)
    expect((await api.admin.audit.failedSignIns({ to: hour })).items).toEqual([])
    await expectRefusal((await api.member()).caller.audit.failedSignIns(), 'forbidden')
  })

  test('keeps what cannot be written for the next time, and says so once', async () => {
    const { db, failedSignIns } = api.services
    await attempt('192.0.2.2')
    await db.schema.renameTable('failed_sign_ins', 'away')
    const logged = api.internal.length + api.unavailable.length
    await failedSignIns.flush()
    await attempt('192.0.2.2')
    await failedSignIns.flush()
    expect(api.internal.length + api.unavailable.length).toBe(logged + 1)
    await db.schema.renameTable('away', 'failed_sign_ins')
    await failedSignIns.flush()
    expect((await counts())['192.0.2.2']).toBe(2)
  })

  test('counts the addresses past 2,000 together, has pages, and forgets what is older than 90 days', async () => {
    const { db, failedSignIns } = api.services
    const old = { address: '192.0.2.3', hour: '2020-01-01T00:00:00.000Z', count: 1 }
    await db('failed_sign_ins').insert(old)
    for (let index = 0; index < 2_100; index += 1) failedSignIns.count(`10.0.${index >> 8}.${index & 255}`)
    await failedSignIns.flush()
    const rows = []
    for (let cursor: string | undefined; ; ) {
      const page = await api.admin.audit.failedSignIns({ limit: 200, ...(cursor !== undefined && { cursor }) })
      rows.push(...page.items)
      if (page.nextCursor === null) break
      cursor = page.nextCursor
    }
    const flooding = rows.filter(({ address }) => address.startsWith('10.'))
    expect(flooding).toHaveLength(2_000)
    expect(rows.find(({ address }) => address === 'others')?.count).toBe(100)
    expect(rows.some(({ address }) => address === old.address)).toBe(false)
  })
})
