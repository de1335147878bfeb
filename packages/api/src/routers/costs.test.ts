import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

describeApi('costs', (api) => {
  let caller: Caller
  let call: Parameters<Caller['costs']['record']>[0]
  beforeAll(async () => {
    caller = (await api.member()).caller
  })
  beforeEach(async () => {
    const { id } = await caller.projects.create({ name: 'Snake', idea: 'A game', investment: '1' })
    call = { projectId: id, model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500, actionType: 'WritePRD' }
  })

  test('are priced by the server when the caller gives no cost', async () => {
    expect(await caller.costs.record(call)).toEqual({
      record: {
        ...call,
        id: expect.any(Number),
        cachedPromptTokens: 0,
        canonicalModel: 'gpt-4-turbo',
        totalCost: '0.025',
        usageSource: 'caller',
        priceSource: 'catalogue',
        priceId: null,
        breakdown: [
          { kind: 'input', units: 1000, rate: '10', amount: '0.01' },
          { kind: 'output', units: 500, rate: '30', amount: '0.015' },
        ],
        unpriced: [],
        reservationId: null,
        correctsRecordId: null,
        createdAt: expect.any(String),
      },
      budget: {
        projectId: call.projectId,
        limit: '1',
        spent: '0.025',
        reserved: '0',
        remaining: '0.975',
        exceeded: false,
      },
    })
    await expectRefusal(caller.costs.record({ ...call, model: 'no-such-model' }), 'unknown_model')
    expect(await caller.costs.total({ projectId: call.projectId })).toEqual({
      totalCost: '0.025',
      records: 1,
      promptTokens: 1000,
      completionTokens: 500,
    })
  })

  test('are returned by id, to those who may see their project', async () => {
    const { record } = await caller.costs.record(call)
    expect(await caller.costs.get({ id: record.id })).toEqual(record)
    expect(await api.admin.costs.get({ id: record.id })).toEqual(record)
    const ofProject = await caller.sessions.create({ projectId: call.projectId })
    expect(await api.as(ofProject.token).costs.get({ id: record.id })).toEqual(record)
    const { id } = await caller.projects.create({ name: 'Pong', idea: 'A game' })
    const ofAnother = await caller.sessions.create({ projectId: id })
    for (const other of [(await api.member()).caller, api.as(ofAnother.token)]) {
      await expectRefusal(other.costs.get({ id: record.id }), 'not_found', /^cost record not found$/)
      await expectRefusal(other.costs.get({ id: 999_999 }), 'not_found', /^cost record not found$/)
    }
    await expectRefusal(caller.costs.get({ id: 0 }), 'invalid_input', /id/)
  })

  test('one key 50 times at once: one row, 50 equal responses', async () => {
    const keyed = { ...call, idempotencyKey: 'once' }
    const answers = await Promise.all(Array.from({ length: 50 }, () => caller.costs.record(keyed)))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    await expectRefusal(caller.costs.record({ ...keyed, totalCost: '0.1' }), 'idempotency_mismatch')
    expect(await caller.costs.total({ projectId: call.projectId })).toMatchObject({ records: 1, totalCost: '0.025' })
  })

  test('are still recorded after the project ended, because the money is spent', async () => {
    await caller.projects.updateStatus({ id: call.projectId, status: 'failed' })
    expect((await caller.costs.record({ ...call, totalCost: 2 })).budget).toMatchObject({ spent: '2', exceeded: true })
  })

  test('are listed newest first, filtered by action type, model and time', async () => {
    const { projectId } = call
    for (const model of ['a', 'b', 'a']) await caller.costs.record({ ...call, model, totalCost: '0.1' })
    await caller.costs.record({ ...call, model: 'a', actionType: null, totalCost: '0.1' })
    const models = async (filter: object) =>
      (await caller.costs.list({ projectId, ...filter })).items.map(({ model }) => model)
    expect(await models({})).toEqual(['a', 'a', 'b', 'a'])
    expect(await models({ actionType: 'WritePRD' })).toEqual(['a', 'b', 'a'])
    expect(await models({ model: 'b' })).toEqual(['b'])
    const [newest] = (await caller.costs.list({ projectId, limit: 1 })).items
    if (!newest) throw new Error('no records')
    // `from` is inclusive, `to` is exclusive.
    await api.services.db('cost_records').where({ id: newest.id }).update({ createdAt: '2030-01-01T00:00:00.000Z' })
    const span = async (filter: object) => (await caller.costs.list({ projectId, ...filter })).items.map(({ id }) => id)
    expect(await span({ from: '2030-01-01T00:00:00.000Z' })).toEqual([newest.id])
    expect(await span({ from: '2030-01-01T00:00:00.001Z' })).toEqual([])
    expect(await span({ to: '2030-01-01T00:00:00.000Z' })).not.toContain(newest.id)
    expect(await span({ to: '2030-01-01T00:00:00.001Z' })).toContain(newest.id)
    expect(await models({ from: '2099-01-01T00:00:00Z' })).toEqual([])
    expect(await models({ to: '2099-01-01T00:00:00Z' })).toHaveLength(4)
  })

  test.each([
    ['an unknown field', { cost: 1 }, /cost: unknown field/],
    ['NaN', { totalCost: Number.NaN }, /totalCost/],
    ['negative tokens', { promptTokens: -1 }, /promptTokens/],
    ['ten decimals', { totalCost: '0.0000000001' }, /nine decimals/],
    ['2^53 + 1 nano-USD', { totalCost: '9007199.254740993' }, /totalCost/],
    ['2^53 + 1 tokens', { completionTokens: 2 ** 53 + 2 }, /completionTokens/],
    ['NUL', { actionType: 'a\0b' }, /actionType/],
  ])('%s is refused with the field, and nothing is written', async (_, wrong, message) => {
    await expectRefusal(caller.costs.record({ ...call, ...wrong }), 'invalid_input', message)
    const many = caller.costs.recordMany({
      records: [
        { ...call, totalCost: 1 },
        { ...call, ...wrong },
      ],
    })
    await expectRefusal(many, 'invalid_input', /records\.1/)
    expect(await caller.costs.total({ projectId: call.projectId })).toMatchObject({ records: 0, totalCost: '0' })
    expect(api.internal).toEqual([])
  })

  test.each([0, 1001])('%s records in one call are refused', async (length) => {
    await expectRefusal(caller.costs.recordMany({ records: Array(length).fill(call) }), 'invalid_input', /records/)
  })

  test('over time are the total at each point, down to single records', async () => {
    const { projectId } = call
    const timeline = async (input: object = {}) => (await caller.costs.timeline({ projectId, ...input })).points
    expect(await timeline()).toEqual([])
    for (const totalCost of ['0.1', '0.2', '0.000000001']) await caller.costs.record({ ...call, totalCost })
    await api.admin.costs.adjust({ projectId, totalCost: '0.25', reason: 'a gift' })
    const records = (await caller.costs.list({ projectId })).items.toReversed()
    const totals = ['0.1', '0.3', '0.300000001', '0.25']
    const each = records.map(({ createdAt }, index) => ({ at: createdAt, totalCost: totals[index], records: 1 }))
    expect(await timeline()).toEqual(each)
    expect(await timeline({ points: 2 })).toEqual([
      { ...each[1], records: 2 },
      { ...each[3], records: 2 },
    ])
    expect(await timeline({ points: 3 })).toMatchObject([{ records: 2 }, { records: 1 }, { records: 1 }])
    await expectRefusal(timeline({ points: 1 }), 'invalid_input', /points/)
    await expectRefusal(timeline({ points: 501 }), 'invalid_input', /points/)
    const { caller: stranger } = await api.member()
    for (const id of [projectId, 999_999]) {
      await expectRefusal(stranger.costs.timeline({ projectId: id }), 'not_found', /^project not found$/)
    }
  })

  test('the largest amounts are exact, and a larger total is refused', async () => {
    const most = { ...call, totalCost: '9007199.254740992', promptTokens: 2 ** 53 - 1 }
    const { caller: rich } = await api.member()
    const { id: projectId } = await rich.projects.create({ name: 'n', idea: 'i' })
    expect((await rich.costs.record({ ...most, projectId })).budget.spent).toBe('9007199.254740992')
    await expectRefusal(rich.costs.record({ ...call, projectId, totalCost: '0.000000001' }), 'invalid_input', /total/)
    expect((await rich.costs.list({ projectId })).items).toMatchObject([
      { totalCost: most.totalCost, promptTokens: 2 ** 53 - 1 },
    ])
    expect((await rich.costs.record({ ...most, projectId, totalCost: 0 })).record.totalCost).toBe('0')
    expect((await rich.costs.total({ projectId })).promptTokens).toBe(2 ** 54 - 2)
  })
})
