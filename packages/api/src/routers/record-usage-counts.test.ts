import { invoices, usageCounts } from '@mgx/db/testing'
import { beforeAll, expect, test } from 'vitest'
import { type Caller, describeApi } from '../testing/callers.js'

const noCounts = ['12000', 1.5, true, -1, '', 1e30, {}, 'NaN', [1], 2 ** 53, false, '1e3']

describeApi('a count in a response body', (api) => {
  let caller: Caller
  let projectId: number
  beforeAll(async () => {
    caller = (await api.member()).caller
    projectId = (await caller.projects.create({ name: 'Snake', idea: 'A game' })).id
  })

  test('is refused with its path when it is not a count, and nothing is written', async () => {
    for (const [index, { provider, path, bodyWith }] of usageCounts.entries()) {
      const response = bodyWith(noCounts[index % noCounts.length])
      const fields = [{ path, message: 'must be a count, an integer from 0 to 2^53 - 1' }]
      const call = caller.costs.recordUsage({ projectId, provider, response })
      await expect(call).rejects.toMatchObject({ cause: { reason: 'invalid_input', details: { fields } } })
    }
    expect(await caller.costs.total({ projectId })).toMatchObject({ records: 0 })
    expect(api.internal).toEqual([])
  })

  test.each([
    ['openai', 'gpt-4o', 'usage.prompt_tokens_details.cached_tokens'],
    ['openai', 'gpt-5.6-luna', 'usage.prompt_tokens_details.cache_write_tokens'],
    ['openai', 'gpt-4o-mini-realtime-preview', 'usage.prompt_tokens_details.audio_tokens'],
    ['openai', 'gpt-4o-mini-realtime-preview', 'usage.completion_tokens_details.audio_tokens'],
    ['openai', 'gpt-4o', 'usage.input_tokens_details.cached_tokens'],
    ['openai', 'gpt-5.6-luna', 'usage.input_tokens_details.cache_write_tokens'],
    ['openai', 'gpt-image-1', 'usage.input_tokens_details.image_tokens'],
    ['openai', 'gpt-image-1.5', 'usage.output_tokens_details.image_tokens'],
    ['anthropic', 'claude-sonnet-4-5', 'usage.cache_creation.ephemeral_1h_input_tokens'],
    ['google', 'gemini-2.5-flash', 'usageMetadata.cachedContentTokenCount'],
    ['google', 'gemini-2.5-flash', 'usageMetadata.cacheTokensDetails.1.tokenCount'],
    ['google', 'gemini-2.5-flash', 'usageMetadata.promptTokensDetails.1.tokenCount'],
    ['google', 'gemini-3.1-flash-live-preview', 'usageMetadata.candidatesTokensDetails.1.tokenCount'],
    ['google', 'gemini-2.5-flash', 'usageMetadata.toolUsePromptTokensDetails.1.tokenCount'],
  ])('of %s (%s) is refused with its path when it exceeds the whole: %s', async (provider, model, place) => {
    const path = `response.${place}`
    const count = usageCounts.find((each) => each.provider === provider && each.path === path)
    if (!count) throw new Error(`${path} is a count of ${provider}`)
    const response = { ...count.bodyWith(11), [provider === 'google' ? 'modelVersion' : 'model']: model }
    const call = caller.costs.recordUsage({ projectId, provider: count.provider, response })
    await expect(call).rejects.toMatchObject({ cause: { reason: 'invalid_input', details: { fields: [{ path }] } } })
    expect(await caller.costs.total({ projectId })).toMatchObject({ records: 0 })
  })

  test('is refused with its path when only the sum of the parts exceeds the whole', async () => {
    const details = { cached_tokens: 6, cache_write_tokens: 6 }
    const usage = { prompt_tokens: 10, completion_tokens: 0, prompt_tokens_details: details }
    const response = { model: 'gpt-5.6-luna', usage }
    const call = caller.costs.recordUsage({ projectId, provider: 'openai', response })
    const fields = [{ path: expect.stringMatching(/^response\.usage\.prompt_tokens_details\.cache/) }]
    await expect(call).rejects.toMatchObject({ cause: { reason: 'invalid_input', details: { fields } } })
    expect(api.internal).toEqual([])
  })

  const readable = invoices.flatMap(({ name, input, totalCost, expect: told }) => {
    const isCounted = usageCounts.some(({ provider }) => provider === input.provider)
    return isCounted && 'response' in input ? [[name, { input, totalCost, told }] as const] : []
  })

  test.each(readable)('may be null in %s wherever it may be omitted', async (_, { input, totalCost, told }) => {
    const response = structuredClone(input.response)
    for (const count of usageCounts) {
      if (count.provider === input.provider && !count.isRequired) putNull(response, count.path.split('.').slice(1))
    }
    expect(response).not.toEqual(input.response)
    const other = (await caller.projects.create({ name: 'Snake', idea: 'A game' })).id
    const { record } = await caller.costs.recordUsage({ projectId: other, ...input, response })
    const { promptTokens, cachedPromptTokens, completionTokens } = told
    expect(record).toMatchObject({ promptTokens, cachedPromptTokens, completionTokens, totalCost })
  })
})

/** Sets the path to null, or the first step of it that is missing; leaves an existing value as it is. */
function putNull(container: unknown, [step = '', ...rest]: string[]): void {
  if (typeof container !== 'object' || container === null || Array.isArray(container)) return
  const object = container as Record<string, unknown>
  if (object[step] === undefined) object[step] = null
  else putNull(object[step], rest)
}
