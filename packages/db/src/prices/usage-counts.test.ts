import { DomainError, type InvalidField } from '@mgx/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type UsageCount, usageCounts } from '../testing/usage-bodies.js'
import { readUsage } from './provider-usage.js'

/** Returns the fields that a body is rejected for; none when it is accepted. */
function refusedFields({ provider }: Pick<UsageCount, 'provider'>, response: object): string[] {
  try {
    readUsage({ provider, response: response as Record<string, unknown> })
    return []
  } catch (error) {
    if (!(error instanceof DomainError) || error.reason !== 'invalid_input') throw error
    return (error.details as { fields: InvalidField[] }).fields.map(({ path }) => path)
  }
}

const named = usageCounts.map((count) => [`${count.path} of ${count.provider} (${count.form})`, count] as const)

/** The objects and lists that contain counts, each once. */
const around = new Map(
  usageCounts.flatMap((count) => {
    const names = count.path.split('.')
    const outside = Array.from({ length: names.length - 2 }, (_, index) => index + 1)
    return outside.map((levels) => [names.slice(0, -levels).join('.'), { count, levels }] as const)
  }),
)

/** JSON values that are not counts. */
const noCount = fc.oneof(
  fc.jsonValue().filter((value) => value !== null && typeof value !== 'number'),
  fc.integer({ min: 1 }).map((number) => `${number}`),
  fc.integer({ min: Number.MIN_SAFE_INTEGER, max: -1 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Number.isSafeInteger(number)),
  fc.constantFrom('', 'NaN', ' 5 ', '1e3', true, false, [], {}, 1.5, 1e30, 2 ** 53, Number.NaN),
)

test('the counts of every provider are known from the library', () => {
  expect(new Set(usageCounts.map(({ provider }) => provider))).toEqual(new Set(['openai', 'anthropic', 'google']))
  expect(usageCounts.length).toBeGreaterThan(60)
})

describe.each(named)('%s', (_, count) => {
  test('is rejected with its path when it is not a count', () => {
    expect(refusedFields(count, count.bodyWith(0))).toEqual([])
    fc.assert(
      fc.property(noCount, (value) => {
        expect(refusedFields(count, count.bodyWith(value))).toEqual([count.path])
      }),
      { numRuns: 50 },
    )
  })

  test('may be absent or null only where the provider leaves it out', () => {
    for (const value of [null, undefined]) {
      expect(refusedFields(count, count.bodyWith(value))).toEqual(count.isRequired ? [count.path] : [])
    }
  })
})

test.each([...around])('%s around counts must be of its type', (path, { count, levels }) => {
  const isList = /^\d+$/.test(count.path.split('.').at(-levels) ?? '')
  for (const value of ['', 'x', 5, true, isList ? {} : [], isList ? { 0: {} } : [{}]]) {
    expect([value, refusedFields(count, count.bodyWith(value, levels))]).toEqual([value, [path]])
  }
})

const twice = [
  { modality: 'AUDIO', tokenCount: 1 },
  { modality: 'audio', tokenCount: 9 },
]
test.each([
  ['a name twice', twice, '1.modality'],
  ['a name that is not a string', [{ modality: 5, tokenCount: 1 }], '0.modality'],
  ['a part that is null', [null], '0'],
  ['a count of an unknown part', [{ modality: 'SMELL', tokenCount: '1' }], '0.tokenCount'],
])('a list with %s is refused', (_, promptTokensDetails, path) => {
  const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 1, promptTokensDetails }
  const refused = refusedFields({ provider: 'google' }, { modelVersion: 'gemini-2.5-flash', usageMetadata })
  expect(refused).toEqual([`response.usageMetadata.promptTokensDetails.${path}`])
})

test('counts that add up past 2^53 - 1 are refused', () => {
  const usage = { input_tokens: 2 ** 53 - 1, cache_read_input_tokens: 1, output_tokens: 0 }
  const response = { model: 'claude-sonnet-4-5', usage }
  expect(refusedFields({ provider: 'anthropic' }, response)).toEqual(['response.usage.input_tokens'])
})

test('completion tokens of a body marked as a list are not ignored', () => {
  const response = (completion: unknown) => ({
    object: 'list',
    model: 'gpt-4o',
    usage: { prompt_tokens: 10, completion_tokens: completion },
  })
  expect(refusedFields({ provider: 'openai' }, response('5'))).toEqual(['response.usage.completion_tokens'])
  const read = readUsage({ provider: 'openai', response: response(5) })
  expect(read.usage).toMatchObject({ promptTokens: 10, completionTokens: 5 })
})
