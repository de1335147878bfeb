import { testDatabases, usageCounts } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, type TestApi, testApi } from '../testing/callers.js'
import { providerResponses } from '../testing/provider-responses.js'

const noCounts = ['12000', 1.5, true, -1, '', 1e30, {}, 'NaN', [1], 2 ** 53, false, '1e3']

describe.each(testDatabases)('a count in a response body on $name', (database) => {
  let api: TestApi
  let caller: Caller
  let projectId: number
  beforeAll(async () => {
    api = await testApi(database)
    caller = (await api.member()).caller
    projectId = (await caller.projects.create({ name: 'Snake', idea: 'A game' })).id
  })
  afterAll(() => api?.close())

  test('is refused, with its path, when it is no count, whichever it is, and nothing is written', async () => {
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
    ['openai', 'response.usage.prompt_tokens_details.cached_tokens'],
    ['openai', 'response.usage.input_tokens_details.cached_tokens'],
    ['google', 'response.usageMetadata.cachedContentTokenCount'],
  ])('of %s is refused where it is more than the whole: %s', async (provider, path) => {
    const count = usageCounts.find((each) => each.provider === provider && each.path === path)
    if (!count) throw new Error(`${path} is a count of ${provider}`)
    const call = caller.costs.recordUsage({ projectId, provider: count.provider, response: count.bodyWith(11) })
    await expect(call).rejects.toMatchObject({ cause: { reason: 'invalid_input', details: { fields: [{ path }] } } })
    expect(await caller.costs.total({ projectId })).toMatchObject({ records: 0 })
  })

  test.each(providerResponses)('may be null where $name may leave it out', async ({ input, tells }) => {
    const { provider } = input
    const response = structuredClone(input.response)
    for (const count of usageCounts) {
      if (count.provider === provider && !count.isRequired) putNull(response, count.path.split('.').slice(1))
    }
    expect(response).not.toEqual(input.response)
    const other = (await caller.projects.create({ name: 'Snake', idea: 'A game' })).id
    const { record } = await caller.costs.recordUsage({ projectId: other, provider, response })
    expect(record).toMatchObject(tells)
  })
})

/** Puts null where nothing is, or at the place of the object or list that is not there. */
function putNull(container: unknown, [step = '', ...rest]: string[]): void {
  if (typeof container !== 'object' || container === null || Array.isArray(container)) return
  const object = container as Record<string, unknown>
  if (object[step] === undefined) object[step] = null
  else putNull(object[step], rest)
}
