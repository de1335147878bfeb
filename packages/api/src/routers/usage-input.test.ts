import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Caller, describeApi, expectRefusal } from '../testing/callers.js'

const tokens = { model: 'gpt-4o', promptTokens: 1000, completionTokens: 500 }
const chat = { model: 'gpt-4o', usage: { prompt_tokens: 1000, completion_tokens: 500 } }
const message = {
  type: 'message',
  model: 'claude-sonnet-4-5',
  usage: { input_tokens: 10, cache_read_input_tokens: 0, output_tokens: 5 },
}
const gemini = { modelVersion: 'gemini-2.5-flash', usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5 } }
const converse = { output: {}, usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 } }
const providers = 'openai anthropic google azure bedrock aws openrouter mistral groq deepseek x-ai'.split(' ')

/** Which providers send each form of body; the others never do. */
const forms: [name: string, body: { usage?: object; usageMetadata?: object }, providers: string][] = [
  ['a chat completion', chat, 'openai anthropic google azure bedrock aws openrouter mistral groq deepseek x-ai'],
  ['an Anthropic message', message, 'anthropic azure google bedrock aws deepseek'],
  ['a Gemini response', gemini, 'google'],
  ['a Converse response', converse, 'bedrock aws'],
]

describeApi('bad input about usage', (api) => {
  let caller: Caller
  let projectId: number
  let reservationId: number
  beforeAll(async () => {
    caller = (await api.member()).caller
  })
  beforeEach(async () => {
    projectId = (await caller.projects.create({ name: 'Snake', idea: 'A game', investment: '9' })).id
    reservationId = (await caller.budgets.reserve({ projectId, amount: '1' })).reservation.id
  })

  const state = async () => [
    await caller.budgets.get({ projectId }),
    await caller.costs.total({ projectId }),
    await api.services.db('reservations').where({ projectId }),
    (await api.admin.prices.unknown({ limit: 200 })).items,
  ]

  /** Expects every one of the calls to be refused with this field first, and to change nothing. */
  async function expectField(field: string, calls: (() => Promise<unknown>)[]) {
    const before = await state()
    for (const call of calls) {
      const details = { fields: expect.arrayContaining([expect.objectContaining({ path: field })]) }
      await expect(call()).rejects.toMatchObject({ cause: { reason: 'invalid_input', details } })
    }
    expect(await state()).toEqual(before)
    expect(api.internal).toEqual([])
  }

  const withUsage = (call: object) => [
    () => caller.costs.recordUsage({ projectId, ...call } as never),
    () => caller.budgets.settle({ reservationId, ...call } as never),
  ]

  test.each<[string, string, object]>([
    ['more cached than prompt tokens', 'cachedPromptTokens', { cachedPromptTokens: 1001 }],
    ['writes for 5 minutes past the prompt', 'cacheWriteTokens', { cacheWriteTokens: 1001 }],
    ['writes for an hour past the prompt', 'cacheWrite1hTokens', { cacheWrite1hTokens: 1001 }],
    ['writes past the prompt together', 'cacheWrite1hTokens', { cacheWriteTokens: 500, cacheWrite1hTokens: 501 }],
    ['reads and writes past the prompt', 'cacheWriteTokens', { cachedPromptTokens: 500, cacheWriteTokens: 501 }],
    [
      'reads and both writes past the prompt',
      'cacheWrite1hTokens',
      { cachedPromptTokens: 400, cacheWriteTokens: 400, cacheWrite1hTokens: 201 },
    ],
    ['more audio than prompt tokens', 'audioPromptTokens', { audioPromptTokens: 1001 }],
    ['more audio than completion tokens', 'audioCompletionTokens', { audioCompletionTokens: 501 }],
    [
      'more cached audio than audio',
      'cachedAudioPromptTokens',
      { audioPromptTokens: 10, cachedPromptTokens: 100, cachedAudioPromptTokens: 11 },
    ],
    [
      'more cached audio than cached',
      'cachedAudioPromptTokens',
      { audioPromptTokens: 100, cachedPromptTokens: 10, cachedAudioPromptTokens: 11 },
    ],
    ['cached audio without audio', 'cachedAudioPromptTokens', { cachedPromptTokens: 10, cachedAudioPromptTokens: 1 }],
    [
      'too little cached audio',
      'cachedAudioPromptTokens',
      { audioPromptTokens: 900, cachedPromptTokens: 200, cachedAudioPromptTokens: 99 },
    ],
    ['negative writes', 'cacheWriteTokens', { cacheWriteTokens: -1 }],
    ['half a search', 'searches', { searches: 0.5 }],
    ['2^53 searches', 'searches', { searches: 2 ** 53 }],
    ['audio as text', 'audioPromptTokens', { audioPromptTokens: '5' }],
    ['no counts of null', 'cacheWrite1hTokens', { cacheWrite1hTokens: null }],
    ['an unknown provider', 'provider', { provider: 'acme' }],
    ['an unknown service tier', 'serviceTier', { serviceTier: 'turbo' }],
    ['a usage source of the provider', 'usageSource', { usageSource: 'provider' }],
    ['an unknown usage source', 'usageSource', { usageSource: 'guess' }],
    ['an unknown field', 'reasoningTokens', { reasoningTokens: 5 }],
  ])('%s', async (_, field, wrong) => {
    const call = { ...tokens, ...wrong } as typeof tokens
    await expectField(field, [
      () => caller.costs.record({ projectId, ...call }),
      () => caller.budgets.settle({ reservationId, ...call }),
      ...('usageSource' in wrong ? [] : [() => caller.prices.quote(call)]),
    ])
    const records = [
      { projectId, ...tokens },
      { projectId, ...call },
    ]
    await expectField(`records.1.${field}`, [() => caller.costs.recordMany({ records })])
  })

  test('a body of a form that the provider does not send', async () => {
    for (const [, body, senders] of forms) {
      for (const provider of providers.filter((each) => !senders.split(' ').includes(each))) {
        await expectField('response', withUsage({ provider, model: 'm', response: body }))
        // Gemini's usage object is inside the body under another name, so alone it has no form of its own.
        if (body.usage) await expectField('usage', withUsage({ provider, model: 'm', usage: body.usage }))
      }
    }
  })

  test.each<[string, string, string, object]>([
    [
      'cached',
      'openai',
      'usage.prompt_tokens_details.cached_tokens',
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 11 } },
    ],
    [
      'audio',
      'openai',
      'usage.prompt_tokens_details.audio_tokens',
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { audio_tokens: 11 } },
    ],
    [
      'reasoning',
      'openai',
      'usage.completion_tokens_details.reasoning_tokens',
      { prompt_tokens: 10, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 6 } },
    ],
    [
      'audio received',
      'openai',
      'usage.completion_tokens_details.audio_tokens',
      { prompt_tokens: 10, completion_tokens: 5, completion_tokens_details: { audio_tokens: 6 } },
    ],
    [
      'cached of a response',
      'openai',
      'usage.input_tokens_details.cached_tokens',
      { input_tokens: 10, output_tokens: 5, input_tokens_details: { cached_tokens: 11 } },
    ],
    [
      'writes for an hour',
      'anthropic',
      'usage.cache_creation.ephemeral_1h_input_tokens',
      {
        input_tokens: 10,
        output_tokens: 5,
        cache_creation_input_tokens: 4,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 5 },
      },
    ],
    [
      'both writes',
      'anthropic',
      'usage.cache_creation.ephemeral_5m_input_tokens',
      {
        input_tokens: 10,
        output_tokens: 5,
        cache_creation_input_tokens: 4,
        cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 3 },
      },
    ],
  ])('%s counts that exceed the whole', async (_, provider, path, usage) => {
    const model = provider === 'openai' ? 'gpt-4o' : 'claude-sonnet-4-5'
    await expectField(`response.${path}`, withUsage({ provider, response: { model, usage } }))
    await expectField(path, withUsage({ provider, model, usage }))
  })

  test('counts of the provider that are no counts, in the usage object alone', async () => {
    for (const count of ['10', -1, 1.5, null, 2 ** 53, true]) {
      const usage = { ...chat.usage, prompt_tokens: count }
      await expectField('usage.prompt_tokens', withUsage({ provider: 'openai', model: 'gpt-4o', usage }))
    }
  })

  test('what mixes the ways to say what was used', async () => {
    await expectField('usage', withUsage({ provider: 'openai', response: chat, usage: chat.usage }))
    await expectField('usage', withUsage({ provider: 'openai', response: chat, model: 'gpt-4o', usage: chat.usage }))
    await expectField('model', withUsage({ provider: 'openai', usage: chat.usage }))
    await expectField('provider', withUsage({ response: chat }))
    await expectField('provider', withUsage({ model: 'gpt-4o', usage: chat.usage }))
    await expectField('provider', withUsage({ provider: 'acme', response: chat }))
    await expectField('serviceTier', withUsage({ provider: 'openai', response: chat, serviceTier: 'turbo' }))
    await expectField('usageSource', withUsage({ provider: 'openai', response: chat, usageSource: 'estimated' }))
    await expectField('totalCost', withUsage({ provider: 'openai', response: chat, totalCost: '1' }))
    await expectField('response', withUsage({ provider: 'openai', response: [] }))
    await expectField('usage', withUsage({ provider: 'openai', model: 'gpt-4o', usage: 'none' }))
    const settle = (call: object) => () => caller.budgets.settle({ reservationId, ...call } as never)
    await expectField('response', [settle({ ...tokens, response: chat })])
    await expectField('usage', [settle({ ...tokens, usage: chat.usage })])
    await expectField('promptTokens', [settle({ model: 'gpt-4o', completionTokens: 5 })])
  })

  test('nothing at all', async () => {
    await expectRefusal(caller.budgets.settle({ reservationId } as never), 'invalid_input')
    await expectRefusal(caller.costs.recordUsage({ projectId } as never), 'invalid_input')
  })
})
