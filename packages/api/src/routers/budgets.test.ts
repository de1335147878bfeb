import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

const usage = { model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500 }

describeApi('budgets', (api) => {
  let caller: Caller
  let projectId: number
  beforeAll(async () => {
    caller = (await api.member()).caller
  })
  beforeEach(async () => {
    projectId = (await caller.projects.create({ name: 'Snake', idea: 'A game', investment: '1' })).id
  })

  const untouched = {
    projectId: expect.any(Number),
    limit: '1',
    spent: '0',
    reserved: '0',
    remaining: '1',
    exceeded: false,
  }

  test('reserve, settle and return what remains', async () => {
    const { reservation, budget } = await caller.budgets.reserve({ projectId, amount: 0.5 })
    expect(reservation).toMatchObject({ projectId, amount: '0.5', status: 'held' })
    expect(budget).toEqual(await caller.budgets.get({ projectId }))
    const settled = await caller.budgets.settle({ reservationId: reservation.id, ...usage })
    expect(settled).toMatchObject({
      record: { totalCost: '0.025', priceSource: 'catalogue' },
      overrun: false,
      late: false,
    })
    expect(settled.budget).toEqual(await caller.budgets.get({ projectId }))
    expect((await caller.projects.get({ id: projectId })).totalCost).toBe('0.025')
  })

  test('a refusal carries the figures and changes nothing', async () => {
    await expectRefusal(caller.budgets.reserve({ projectId, amount: '1.000000001' }), 'budget_exceeded', /1 USD left/)
    const error = await caller.budgets.reserve({ projectId, amount: '2' }).catch((failure: unknown) => failure)
    expect(error).toMatchObject({
      cause: { details: { limit: '1', spent: '0', reserved: '0', remaining: '1', requested: '2' } },
    })
    expect(await caller.budgets.get({ projectId })).toEqual(untouched)
  })

  test.each([
    ['zero', { amount: '0' }, /amount: must be more than zero/],
    ['a negative amount', { amount: -1 }, /amount: must not be negative/],
    ['NaN', { amount: Number.NaN }, /amount/],
    ['an amount past the largest', { amount: '9007199.254740993' }, /amount/],
    ['ten decimals', { amount: '0.0000000001' }, /amount/],
    ['no amount and no model', {}, /amount|model/],
    ['amount and model at once', { amount: '1', ...usage }, /unknown field/],
    ['a ttl of 0', { amount: '1', ttlSeconds: 0 }, /ttlSeconds/],
    ['a negative ttl', { amount: '1', ttlSeconds: -1 }, /ttlSeconds/],
    ['a ttl of a year', { amount: '1', ttlSeconds: 365 * 24 * 3600 }, /ttlSeconds/],
    [
      'a model of 10,000 characters',
      { model: 'm'.repeat(10_000), maxPromptTokens: 1, maxCompletionTokens: 1 },
      /model/,
    ],
    ['negative token maxima', { model: 'm', maxPromptTokens: -1, maxCompletionTokens: 1 }, /maxPromptTokens/],
  ])('%s is refused with the field, and nothing is held', async (_, wrong, message) => {
    const input = { projectId, ...wrong } as Parameters<Caller['budgets']['reserve']>[0]
    await expectRefusal(caller.budgets.reserve(input), 'invalid_input', message)
    expect(await caller.budgets.get({ projectId })).toEqual(untouched)
  })

  test('an ended project takes no reservations', async () => {
    await caller.projects.updateStatus({ id: projectId, status: 'failed' })
    await expectRefusal(caller.budgets.reserve({ projectId, amount: '0.1' }), 'conflict')
  })

  test('a hold of another user is refused like one that does not exist', async () => {
    const { reservation } = await caller.budgets.reserve({ projectId, amount: '0.5' })
    const { caller: stranger } = await api.member()
    const calls = [
      (reservationId: number) => stranger.budgets.settle({ reservationId, ...usage }),
      (reservationId: number) => stranger.budgets.release({ reservationId }),
      (reservationId: number) => stranger.budgets.extend({ reservationId, ttlSeconds: 9 }),
    ]
    const answer = (call: Promise<unknown>) => call.catch(({ message, cause }) => ({ message, cause }))
    for (const call of calls) {
      const [foreign, unknown] = await Promise.all([answer(call(reservation.id)), answer(call(999_999))])
      expect(foreign).toEqual(unknown)
      expect(foreign).toMatchObject({ cause: { reason: 'not_found' } })
    }
    await expectRefusal(stranger.budgets.get({ projectId }), 'not_found')
    await expectRefusal(stranger.budgets.reserve({ projectId, amount: '0.1' }), 'not_found')
    expect((await caller.budgets.get({ projectId })).reserved).toBe('0.5')
  })

  test('reservations are listed by status, newest first and in pages that stay stable while holds end', async () => {
    const hold = async () => (await caller.budgets.reserve({ projectId, amount: '0.1' })).reservation.id
    const [settled, released, late, open, expired] = [
      await hold(),
      await hold(),
      await hold(),
      await hold(),
      await hold(),
    ]
    await caller.budgets.settle({ reservationId: settled, ...usage })
    await caller.budgets.release({ reservationId: released })
    await caller.budgets.release({ reservationId: late })
    const { record } = await caller.budgets.settle({ reservationId: late, ...usage })
    await api.services.db('reservations').where({ id: expired }).update({ expiresAt: '2020-01-01T00:00:00.000Z' })
    while ((await api.services.ledger.expireDue()) > 0);

    const list = (input: object = {}) => caller.budgets.reservations({ projectId, ...input })
    const { items } = await list()
    expect(items.map(({ id, status }) => [id, status])).toEqual([
      [expired, 'expired'],
      [open, 'held'],
      [late, 'released'],
      [released, 'released'],
      [settled, 'settled'],
    ])
    expect(items[2]).toEqual({
      id: late,
      projectId,
      amount: '0.1',
      status: 'released',
      expiresAt: expect.stringMatching(/Z$/),
      resolvedAt: expect.stringMatching(/Z$/),
      costRecordId: record.id,
      createdAt: expect.stringMatching(/Z$/),
    })
    const ids = async (status: string) => (await list({ status })).items.map(({ id }) => id)
    expect(await ids('held')).toEqual([open])
    expect(await ids('released')).toEqual([late, released])
    expect(await ids('expired')).toEqual([expired])

    const first = await list({ limit: 2 })
    const newer = await hold()
    await caller.budgets.release({ reservationId: open })
    const second = await list({ limit: 2, cursor: first.nextCursor })
    const third = await list({ limit: 2, cursor: second.nextCursor })
    expect([...first.items, ...second.items, ...third.items]).toEqual(items)
    expect(third.nextCursor).toBeNull()
    expect(await ids('held')).toEqual([newer])
    await expectRefusal(list({ status: 'open' }), 'invalid_input', /status/)
    await expectRefusal(list({ cursor: 'nonsense' }), 'invalid_input', /cursor/)
    const { caller: stranger } = await api.member()
    for (const id of [projectId, 999_999]) {
      await expectRefusal(stranger.budgets.reservations({ projectId: id }), 'not_found', /^project not found$/)
    }
  })

  test('settled and released holds refuse every other operation', async () => {
    const first = (await caller.budgets.reserve({ projectId, amount: '0.5' })).reservation.id
    await caller.budgets.settle({ reservationId: first, ...usage })
    await expectRefusal(caller.budgets.settle({ reservationId: first, ...usage, totalCost: 1 }), 'reservation_closed')
    await expectRefusal(caller.budgets.release({ reservationId: first }), 'reservation_closed')
    await expectRefusal(caller.budgets.extend({ reservationId: first, ttlSeconds: 9 }), 'reservation_closed')
    const second = (await caller.budgets.reserve({ projectId, amount: '0.5' })).reservation.id
    await caller.budgets.release({ reservationId: second })
    await expectRefusal(caller.budgets.extend({ reservationId: second, ttlSeconds: 9 }), 'reservation_closed')
    expect(await caller.costs.total({ projectId })).toMatchObject({ records: 1 })
  })

  test('only an admin may correct the total, with a reason', async () => {
    await caller.costs.record({ projectId, ...usage })
    const correction = { projectId, totalCost: '0.01', reason: 'billed twice' }
    await expectRefusal(caller.costs.adjust(correction), 'forbidden')
    await expectRefusal(api.admin.costs.adjust({ ...correction, reason: '' }), 'invalid_input', /reason/)
    await expectRefusal(api.admin.costs.adjust({ ...correction, totalCost: '-1' }), 'invalid_input', /totalCost/)
    expect((await api.admin.costs.adjust(correction)).record.totalCost).toBe('-0.015')
    expect((await caller.projects.get({ id: projectId })).totalCost).toBe('0.01')
  })
})
