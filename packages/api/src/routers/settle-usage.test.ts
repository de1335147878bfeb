import { oneInvoiceOfEach } from '@mgx/db/testing'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

const usage = { prompt_tokens: 1000, completion_tokens: 500, prompt_tokens_details: { cached_tokens: 200 } }
const body = { object: 'chat.completion', model: 'gpt-4o-2024-08-06', usage }
const asResponse = { provider: 'openai', response: body } as const
const asUsage = { provider: 'openai', model: body.model, usage } as const
const LONG_AGO = '2020-01-01T00:00:00.000Z'

describeApi('settling with what the provider sent', (api) => {
  let caller: Caller
  let projectId: number
  beforeAll(async () => {
    caller = (await api.member()).caller
  })
  beforeEach(async () => {
    projectId = await newProject()
  })

  const newProject = async () => (await caller.projects.create({ name: 'Snake', idea: 'A game', investment: '99' })).id
  const hold = async (amount = '1', id = projectId) =>
    (await caller.budgets.reserve({ projectId: id, amount })).reservation.id
  const expectBalanced = async () => expect(await api.admin.system.verify()).toMatchObject({ ok: true, drifts: [] })

  test.each(oneInvoiceOfEach.map((invoice) => [invoice.name, invoice] as const))(
    '%s',
    async (_, { input, totalCost }) => {
      const recorded = await caller.costs.recordUsage({ projectId, ...input, actionType: 'WriteCode' })
      const other = await newProject()
      const settled = await caller.budgets.settle({
        reservationId: await hold('9', other),
        ...input,
        actionType: 'WriteCode',
      })
      const own = { id: expect.any(Number), createdAt: expect.any(String) }
      const reservationId = settled.reservation.id
      expect(settled.record).toEqual({ ...recorded.record, ...own, projectId: other, reservationId })
      expect(settled).toMatchObject({
        record: { totalCost, usageSource: 'provider' },
        budget: { spent: totalCost, reserved: '0' },
      })
    },
  )

  test('takes the usage object alone, as recordUsage does', async () => {
    const [whole, alone] = [await hold(), await hold()]
    const one = (await caller.budgets.settle({ reservationId: whole, ...asResponse })).record
    const two = (await caller.budgets.settle({ reservationId: alone, ...asUsage })).record
    const three = (await caller.costs.recordUsage({ projectId, ...asUsage })).record
    expect(one).toMatchObject({
      totalCost: '0.00725',
      cachedPromptTokens: 200,
      usageSource: 'provider',
      canonicalModel: 'gpt-4o',
    })
    const own = { id: 0, createdAt: '', reservationId: null }
    expect({ ...two, ...own }).toEqual({ ...one, ...own })
    expect({ ...three, ...own }).toEqual({ ...one, ...own })
    await expectBalanced()
  })

  test('repeated, returns the first answer; with other content it is refused and nothing changes', async () => {
    const reservationId = await hold()
    const first = await caller.budgets.settle({ reservationId, ...asResponse, serviceTier: 'batch' })
    const again = () => caller.budgets.settle({ reservationId, ...asResponse, serviceTier: 'batch' })
    expect(await Promise.all(Array.from({ length: 5 }, again))).toEqual(Array(5).fill(first))
    await caller.costs.record({ projectId, model: 'gpt-4o', promptTokens: 1, completionTokens: 1 })
    expect(await again()).toEqual(first)
    const before = await caller.costs.total({ projectId })
    const other = { ...usage, prompt_tokens: 1001 }
    for (const changed of [
      { ...asResponse },
      { ...asResponse, serviceTier: 'flex' as const },
      { ...asResponse, serviceTier: 'batch' as const, actionType: 'Review' },
      { ...asUsage, serviceTier: 'batch' as const, usage: other },
      { ...asUsage, serviceTier: 'batch' as const, model: 'gpt-4o' },
      { provider: 'azure' as const, response: body, serviceTier: 'batch' as const },
      { model: body.model, promptTokens: 1000, completionTokens: 500, cachedPromptTokens: 200 },
    ]) {
      await expectRefusal(caller.budgets.settle({ reservationId, ...changed }), 'reservation_closed')
    }
    expect(await caller.costs.total({ projectId })).toEqual(before)
    expect(await caller.budgets.settle({ reservationId, ...asUsage, serviceTier: 'batch' })).toEqual(first)
  })

  test('above the hold, or after its end, is recorded all the same', async () => {
    const small = await hold('0.001')
    const over = await caller.budgets.settle({ reservationId: small, ...asResponse })
    expect(over).toMatchObject({ overrun: true, late: false, record: { totalCost: '0.00725' } })
    const released = await hold()
    await caller.budgets.release({ reservationId: released })
    const late = await caller.budgets.settle({ reservationId: released, ...asUsage })
    expect(late).toMatchObject({ overrun: false, late: true, reservation: { status: 'released' } })
    const expired = await hold()
    await api.services.db('reservations').where({ id: expired }).update({ expiresAt: LONG_AGO })
    const after = await caller.budgets.settle({ reservationId: expired, ...asResponse })
    expect(after).toMatchObject({
      late: true,
      reservation: { status: 'expired' },
      budget: { reserved: '0', spent: '0.02175' },
    })
    await expectBalanced()
  })

  test('is refused with the field for a body that cannot be read, and the hold stays', async () => {
    const reservationId = await hold()
    const settle = (call: object) => caller.budgets.settle({ reservationId, ...call } as never)
    await expectRefusal(settle({ ...asResponse, response: { model: 'gpt-4o' } }), 'invalid_input', /^response\.usage/)
    await expectRefusal(
      settle({ ...asUsage, usage: { ...usage, prompt_tokens: '1' } }),
      'invalid_input',
      /^usage\.prompt_tokens/,
    )
    await expectRefusal(settle({ ...asResponse, response: { ...body, model: 'no-such' } }), 'unknown_model')
    expect(await caller.budgets.get({ projectId })).toMatchObject({ reserved: '1', spent: '0' })
    expect(await caller.costs.total({ projectId })).toMatchObject({ records: 0 })
  })
})
