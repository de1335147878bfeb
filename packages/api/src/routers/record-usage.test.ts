import type { RecordUsageInput } from '@mgx/contract'
import { invoiceNamed, oneInvoiceOfEach } from '@mgx/db/testing'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

const chat = callNamed('an OpenAI chat completion that read most of its prompt from the cache')
const response = callNamed('an OpenAI response')

function callNamed(name: string) {
  return invoiceNamed(name).input as Pick<Extract<RecordUsageInput, { response: object }>, 'provider' | 'response'>
}

describeApi('recording a response body', (api) => {
  let caller: Caller
  let projectId: number
  beforeAll(async () => {
    caller = (await api.member()).caller
  })
  beforeEach(async () => {
    projectId = (await caller.projects.create({ name: 'Snake', idea: 'A game' })).id
  })

  test.each(oneInvoiceOfEach.map((invoice) => [invoice.name, invoice] as const))(
    '%s',
    async (_, { input, totalCost, expect: told }) => {
      const { lines, unpriced = [], ...call } = told
      const { record, budget } = await caller.costs.recordUsage({ projectId, ...input, actionType: 'WriteCode' })
      expect(record).toMatchObject({ ...call, totalCost, unpriced, actionType: 'WriteCode', priceSource: 'catalogue' })
      expect(record.breakdown?.map(({ kind, units, rate }) => [kind, units, rate])).toEqual(lines)
      expect(budget).toMatchObject({ projectId, spent: totalCost })
    },
  )

  test('one key, at once and again: one row and equal responses; refused with another body', async () => {
    const keyed = { projectId, ...chat, idempotencyKey: 'once' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => caller.costs.recordUsage(keyed)))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    await expectRefusal(caller.costs.recordUsage({ ...keyed, ...response }), 'idempotency_mismatch')
    expect(await caller.costs.total({ projectId })).toMatchObject({ records: 1 })
  })

  test('the model of the call is used only for a body without one', async () => {
    const { model: _, ...response } = chat.response
    const unnamed = { projectId, provider: chat.provider, response }
    await expectRefusal(caller.costs.recordUsage(unnamed), 'invalid_input', /^model: /)
    expect((await caller.costs.recordUsage({ ...unnamed, model: 'gpt-4o' })).record.model).toBe('gpt-4o')
    const named = await caller.costs.recordUsage({ projectId, ...chat, model: 'gpt-4-turbo' })
    expect(named.record.model).toBe('gpt-4o-2024-08-06')
  })

  test('an override takes precedence over the catalogue', async () => {
    const model = 'claude-of-our-own'
    await api.admin.prices.set({ model, inputPrice: '1', outputPrice: '2', cachedPrice: '0.5' })
    const usage = { input_tokens: 10, cache_read_input_tokens: 4, cache_creation_input_tokens: 6, output_tokens: 5 }
    const { record } = await caller.costs.recordUsage({ projectId, provider: 'anthropic', response: { model, usage } })
    // 16 × 1 + 4 × 0.5 + 5 × 2, per million
    expect(record).toMatchObject({ promptTokens: 20, priceSource: 'override', totalCost: '0.000028' })
  })

  const usage = { prompt_tokens: 10, completion_tokens: 5 }
  test.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['an error', { error: { message: 'Rate limit reached', type: 'requests', param: null, code: 'rate_limit' } }],
    ['a body without usage', { model: 'gpt-4o', choices: [] }],
    ['a usage of null', { model: 'gpt-4o', usage: null }],
    ['a usage that is a list', { model: 'gpt-4o', usage: [usage] }],
    ['an empty usage', { model: 'gpt-4o', usage: {} }],
    ['a chat without completion tokens', { model: 'gpt-4o', usage: { prompt_tokens: 10 } }],
    ['tokens as text', { model: 'gpt-4o', usage: { ...usage, prompt_tokens: '10' } }],
    ['negative tokens', { model: 'gpt-4o', usage: { ...usage, completion_tokens: -5 } }],
    ['half a token', { model: 'gpt-4o', usage: { ...usage, completion_tokens: 0.5 } }],
    ['2^53 tokens', { model: 'gpt-4o', usage: { ...usage, completion_tokens: 2 ** 53 } }],
    ['more cached than prompt', { model: 'gpt-4o', usage: { ...usage, prompt_tokens_details: { cached_tokens: 11 } } }],
    ['a model of 10,000 characters', { model: 'g'.repeat(10_000), usage }],
    ['a model with NUL', { model: 'gpt\0', usage }],
    ['an empty model', { model: '', usage }],
    ["another provider's body", { modelVersion: 'gemini-2.5-flash', usageMetadata: { promptTokenCount: 1 } }],
  ])('%s is refused with the field, and nothing is written', async (_, body) => {
    const call = caller.costs.recordUsage({ projectId, provider: 'openai', response: body })
    await expectRefusal(call, 'invalid_input', /^response\b/)
    expect(await caller.costs.total({ projectId })).toMatchObject({ records: 0, totalCost: '0' })
    expect(api.internal).toEqual([])
  })

  test('a body whose parts exceed the whole is refused', async () => {
    const promptTokensDetails = [{ modality: 'AUDIO', tokenCount: 11 }]
    const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 1, promptTokensDetails }
    const response = { modelVersion: 'gemini-2.5-flash', usageMetadata }
    const call = caller.costs.recordUsage({ projectId, provider: 'google', response })
    await expectRefusal(
      call,
      'invalid_input',
      /^response\.usageMetadata\.promptTokensDetails\.0\.tokenCount: .*input_audio_tokens/,
    )
    expect(await caller.costs.total({ projectId })).toMatchObject({ records: 0 })
  })

  test.each<[string, unknown]>([
    ['a list', []],
    ['a text', '{}'],
    ['null', null],
  ])('%s is no body', async (_, body) => {
    const call = caller.costs.recordUsage({ projectId, provider: 'openai', response: body as Record<string, unknown> })
    await expectRefusal(call, 'invalid_input', /^response\b/)
  })

  test('a model without a price is refused, never free', async () => {
    const body = { model: 'no-such-model', usage }
    await expectRefusal(caller.costs.recordUsage({ projectId, provider: 'openai', response: body }), 'unknown_model')
    expect(await caller.costs.total({ projectId })).toMatchObject({ records: 0 })
  })

  test("another user's project is not found", async () => {
    const { caller: other } = await api.member()
    await expectRefusal(other.costs.recordUsage({ projectId, ...chat }), 'not_found')
  })
})
