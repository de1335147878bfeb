import { beforeAll, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

const idea = { name: 'Snake', idea: 'Write a snake game' }

describeApi('projects', (api) => {
  let caller: Caller
  let userId: number
  beforeAll(async () => {
    ;({ caller, id: userId } = await api.member())
  })

  test('start pending, with 3 USD by default', async () => {
    const project = await caller.projects.create({ ...idea, metadata: { n_round: 5 } })
    expect(project).toEqual({
      ...idea,
      id: project.id,
      userId,
      description: null,
      status: 'pending',
      projectPath: null,
      investment: '3',
      totalCost: '0',
      reserved: '0',
      metadata: { n_round: 5 },
      error: null,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updatedAt: project.createdAt,
      completedAt: null,
    })
    expect(await caller.projects.get({ id: project.id })).toEqual(project)
  })

  test('run and complete with their path, or fail with their error', async () => {
    const { id } = await caller.projects.create(idea)
    expect(await caller.projects.updateStatus({ id, status: 'running' })).toMatchObject({ completedAt: null })
    const done = await caller.projects.updateStatus({ id, status: 'completed', projectPath: '/workspace/snake' })
    expect(done).toMatchObject({ status: 'completed', projectPath: '/workspace/snake', completedAt: done.updatedAt })
    const failed = await caller.projects.create(idea)
    expect(await caller.projects.updateStatus({ id: failed.id, status: 'failed', error: 'no idea' })).toMatchObject({
      status: 'failed',
      error: 'no idea',
      completedAt: expect.any(String),
    })
  })

  const paths = {
    pending: [],
    running: ['running'],
    completed: ['running', 'completed'],
    failed: ['failed'],
  } as const
  const legal = ['pending→running', 'pending→failed', 'running→completed', 'running→failed']
  const statuses = ['pending', 'running', 'completed', 'failed'] as const
  const moves = statuses.flatMap((from) => statuses.map((to) => [from, to, legal.includes(`${from}→${to}`)] as const))

  test.each(moves)('%s to %s: allowed is %s', async (from, to, allowed) => {
    const { id } = await caller.projects.create(idea)
    for (const status of paths[from]) await caller.projects.updateStatus({ id, status })
    const before = await caller.projects.get({ id })
    const move = caller.projects.updateStatus({ id, status: to, error: 'x' })
    if (allowed) expect((await move).status).toBe(to)
    else {
      await expectRefusal(move, 'invalid_transition')
      expect(await caller.projects.get({ id })).toEqual(before)
    }
  })

  test('update only the given fields, and never an investment below what is spent', async () => {
    const { id } = await caller.projects.create({ ...idea, description: 'first', metadata: { a: 1 } })
    await caller.costs.record({ projectId: id, model: 'm', promptTokens: 0, completionTokens: 0, totalCost: '1.25' })
    expect(await caller.projects.update({ id, investment: 1.25, description: null })).toMatchObject({
      ...idea,
      investment: '1.25',
      description: null,
      metadata: { a: 1 },
    })
    await expectRefusal(caller.projects.update({ id, investment: '1.249999999' }), 'conflict')
    expect((await caller.projects.get({ id })).investment).toBe('1.25')
  })

  test('with one key are one project, at once and later; refused with other content', async () => {
    const keyed = { ...idea, metadata: { b: 1, a: 2 }, idempotencyKey: 'start' }
    const projects = await Promise.all(Array.from({ length: 20 }, () => caller.projects.create(keyed)))
    expect(new Set(projects.map(({ id }) => id)).size).toBe(1)
    await expectRefusal(caller.projects.create({ ...keyed, investment: '4' }), 'idempotency_mismatch')
    const { caller: other } = await api.member()
    expect((await other.projects.create(keyed)).id).not.toBe(projects[0]?.id)
  })

  test('of another user are refused like ids that do not exist', async () => {
    const { id } = await caller.projects.create(idea)
    const { caller: stranger } = await api.member()
    const unknown = 999_999
    const calls = [
      (target: number) => stranger.projects.get({ id: target }),
      (target: number) => stranger.projects.update({ id: target, name: 'mine' }),
      (target: number) => stranger.projects.updateStatus({ id: target, status: 'failed' }),
      (target: number) => stranger.costs.list({ projectId: target }),
      (target: number) => stranger.costs.total({ projectId: target }),
      (target: number) =>
        stranger.costs.record({ projectId: target, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: 1 }),
      (target: number) => stranger.sessions.create({ projectId: target }),
    ]
    for (const call of calls) {
      const answers = await Promise.all(
        [call(id), call(unknown)].map((answer) => answer.catch(({ message, cause }) => ({ message, cause }))),
      )
      expect(answers[0]).toEqual(answers[1])
      expect(answers[0]).toMatchObject({ cause: { reason: 'not_found' } })
    }
    expect(await caller.projects.get({ id })).toMatchObject({ name: idea.name, status: 'pending', totalCost: '0' })
    expect((await stranger.projects.list({ userId })).items).toEqual([])
    await expectRefusal(stranger.projects.create({ ...idea, userId }), 'forbidden')
    await expectRefusal(stranger.users.get({ id: userId }), 'not_found')
    await expectRefusal(stranger.users.getByUsername({ username: (await caller.users.me()).username }), 'not_found')
    expect((await api.admin.projects.get({ id })).id).toBe(id)
    expect((await api.admin.projects.create({ ...idea, userId })).userId).toBe(userId)
    await expectRefusal(api.admin.projects.create({ ...idea, userId: unknown }), 'not_found')
  })

  test('are listed in pages, newest first and stable while others are added', async () => {
    const { caller: pager } = await api.member()
    const ids: number[] = []
    for (let index = 0; index < 5; index += 1) ids.unshift((await pager.projects.create(idea)).id)
    const first = await pager.projects.list({ limit: 2 })
    await pager.projects.create(idea)
    const second = await pager.projects.list({ limit: 2, cursor: first.nextCursor ?? '' })
    const third = await pager.projects.list({ limit: 2, cursor: second.nextCursor ?? '' })
    expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids)
    expect(third.nextCursor).toBeNull()
    await pager.projects.updateStatus({ id: ids[0] ?? 0, status: 'running' })
    expect((await pager.projects.list({ status: 'running' })).items.map(({ id }) => id)).toEqual([ids[0]])
    await expectRefusal(pager.projects.list({ cursor: 'nonsense' }), 'invalid_input', /cursor/)
    await expectRefusal(pager.projects.list({ limit: 201 }), 'invalid_input', /limit/)
  })

  test('are found by statuses, and by text in their names and ideas', async () => {
    const { caller: owner, id } = await api.member()
    const create = async (name: string, text: string, ...path: ('running' | 'completed' | 'failed')[]) => {
      const project = await owner.projects.create({ name, idea: text })
      for (const status of path) await owner.projects.updateStatus({ id: project.id, status })
      return project.id
    }
    const snake = await create('Snake', 'A game for the terminal')
    const pong = await create('PONG', 'another Game', 'running')
    const done = await create('贪吃蛇 100%', 'für Übungen', 'running', 'completed')
    const bad = await create('под_ключ', 'Игра', 'failed')
    const list = async (input: object) => (await owner.projects.list(input)).items.map((project) => project.id)

    expect(await list({ statuses: ['pending', 'running'] })).toEqual([pong, snake])
    expect(await list({ statuses: ['failed', 'completed', 'pending'] })).toEqual([bad, done, snake])
    const first = await owner.projects.list({ statuses: ['pending', 'completed', 'running'], limit: 2 })
    await owner.projects.updateStatus({ id: await create('Newer', 'x'), status: 'failed' })
    const rest = await owner.projects.list({ statuses: ['pending', 'completed'], cursor: first.nextCursor ?? '' })
    expect([...first.items, ...rest.items].map((project) => project.id)).toEqual([done, pong, snake])
    expect(rest.nextCursor).toBeNull()
    expect(first.items[0]).toEqual(await owner.projects.get({ id: done }))

    expect(await list({ search: 'game' })).toEqual([pong, snake])
    expect(await list({ search: 'GAME', limit: 1 })).toEqual([pong])
    expect(await list({ search: 'game', status: 'running' })).toEqual([pong])
    expect(await list({ search: 'game', statuses: ['pending', 'failed'] })).toEqual([snake])
    for (const search of ['100%', '吃', 'übungen', 'ÜBUNGEN']) expect(await list({ search }), search).toEqual([done])
    for (const search of ['игра', 'ИГРА', 'Д_К']) expect(await list({ search }), search).toEqual([bad])
    for (const search of ['0_%', 'Sn%ke', '!', "' OR 1=1"]) expect(await list({ search }), search).toEqual([])
    expect((await api.admin.projects.list({ userId: id, search: 'game' })).items).toHaveLength(2)
    expect((await caller.projects.list({ userId: id, search: 'game' })).items).toEqual([])

    const none = { pending: 0, running: 0, completed: 0, failed: 0 }
    expect(await owner.projects.count()).toEqual({ pending: 1, running: 1, completed: 1, failed: 2 })
    expect(await owner.projects.count({ search: 'GAME' })).toEqual({ ...none, pending: 1, running: 1 })
    expect(await api.admin.projects.count({ userId: id, search: '100%' })).toEqual({ ...none, completed: 1 })
    for (const userId of [id, 999_999]) expect(await caller.projects.count({ userId })).toEqual(none)
    const { token } = await owner.sessions.create({ projectId: pong })
    expect(await api.as(token).projects.count()).toEqual({ ...none, running: 1 })

    await expectRefusal(owner.projects.list({ statuses: [] }), 'invalid_input', /statuses/)
    await expectRefusal(owner.projects.list({ statuses: ['failed', 'failed'] }), 'invalid_input', /twice/)
    await expectRefusal(owner.projects.list({ statuses: ['failed'], status: 'failed' }), 'invalid_input', /together/)
    await expectRefusal(owner.projects.list({ search: '' }), 'invalid_input', /search/)
    await expectRefusal(owner.projects.count({ search: '' }), 'invalid_input', /search/)
    await expectRefusal(owner.projects.list({ search: 'x'.repeat(201) }), 'invalid_input', /search/)
    await expectRefusal(owner.projects.list({ search: 'x', cursor: 'nonsense' }), 'invalid_input', /cursor/)
  })

  test('and users are found by a part of their name or email', async () => {
    const create = async (username: string, email: string) =>
      (await api.admin.users.create({ username, email })).user.id
    const ids = [await create('Ünal 100%', 'unal@firm.example'), await create('STRASSE_1', 'street@firm.example')]
    const found = async (search: string) => (await api.admin.users.list({ search })).items.map((user) => user.id)
    for (const search of ['üNAL', '0%', 'UNAL@']) expect(await found(search), search).toEqual([ids[0]])
    for (const search of ['straße', 'E_1', 'Street']) expect(await found(search), search).toEqual([ids[1]])
    expect(await found('@FIRM')).toEqual(ids.toReversed())
    const first = await api.admin.users.list({ search: '@firm', limit: 1 })
    const second = await api.admin.users.list({ search: '@firm', limit: 1, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...second.items].map((user) => user.id)).toEqual(ids.toReversed())
    expect(second.nextCursor).toBeNull()
    for (const search of ['_@', 'l%1', '!', "'"]) expect(await found(search), search).toEqual([])
    await expectRefusal(api.admin.users.list({ search: '' }), 'invalid_input', /search/)
    await expectRefusal(caller.users.list({ search: 'firm' }), 'forbidden')
  })

  test('and users are reported with their costs, including those without', async () => {
    const { caller: reporter, id } = await api.member()
    const cheap = await reporter.projects.create({ ...idea, name: 'cheap' })
    const dear = await reporter.projects.create({ ...idea, name: 'dear' })
    const call = { projectId: dear.id, model: 'm', promptTokens: 1, completionTokens: 1 }
    await reporter.costs.recordMany({ records: [0.1, 0.2, '0.000000001'].map((totalCost) => ({ ...call, totalCost })) })
    expect((await reporter.reports.projects({})).items).toEqual([
      { projectId: dear.id, name: 'dear', records: 3, totalCost: '0.300000001' },
      { projectId: cheap.id, name: 'cheap', records: 0, totalCost: '0' },
    ])
    const own = {
      userId: id,
      username: (await reporter.users.me()).username,
      projectCount: 2,
      totalSpent: '0.300000001',
    }
    expect((await reporter.reports.users({})).items).toEqual([own])
    expect((await api.admin.reports.users({ limit: 1 })).items).toEqual([own])
    expect((await reporter.users.me()).totalCost).toBe('0.300000001')
  })
})
