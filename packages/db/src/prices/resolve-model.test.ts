import { describe, expect, test } from 'vitest'
import { overrideOf } from '../testing/price-calls.js'
import { catalogueNames } from './catalogue.js'
import { indexOverrides, resolveModel } from './resolve-model.js'

const AT = '2026-06-01T12:00:00.000Z'

let lastId = 0
function override(
  model: string,
  changes: { aliases?: string[]; pattern?: string; effectiveFrom?: string; effectiveTo?: string } = {},
) {
  lastId++
  return overrideOf({ id: lastId, model, ...changes })
}

const resolve = (model: string, overrides: ReturnType<typeof override>[], provider?: string, at = AT) =>
  resolveModel(model, at, provider, indexOverrides(overrides))

describe('an override', () => {
  test.each([
    ['gpt-4.1', 'name'],
    ['GPT-4.1', 'name'],
    ['gpt-4.1-2025-04-14', 'date'],
    ['openai/gpt-4.1', 'prefix'],
    ['azure/gpt-4.1-2025-04-14', 'prefix'],
  ])('of gpt-4.1 holds for %s', (called, by) => {
    expect(resolve(called, [override('gpt-4.1')])).toMatchObject({ model: 'gpt-4.1', matched: 'gpt-4.1', by })
  })

  test.each([
    ['gpt-4.1', 'gpt-4.1-mini'],
    ['gpt-4.1', 'gpt-4.1-mini-2025-04-14'],
    ['gpt-4.1', 'myorg/gpt-4.1'],
    ['gpt-4.1', 'ft:gpt-4.1:org::id'],
    ['gpt-4.1', 'gpt-4.1:free'],
    ['gpt-4.1-2025-04-14', 'gpt-4.1'],
    ['azure/gpt-4.1', 'gpt-4.1'],
    ['azure/gpt-4.1', 'openai/gpt-4.1'],
    ['gpt-4', 'gpt-4-1106-preview'],
    ['gpt-4', 'gpt-4-turbo-2024-04-09'],
    ['claude-3', 'claude-3-5-sonnet'],
    ['claude-3-5-sonnet', 'claude-3-sonnet'],
    ['claude-opus-4', 'claude-opus-4-1'],
    ['llama2-70b', 'llama2-70b-4096'],
    // The maker asks another price for these than for the model without the date.
    ['gpt-4o', 'gpt-4o-2024-05-13'],
    ['gpt-4o', 'azure/gpt-4o-20240513'],
    ['gpt-3.5-turbo', 'gpt-3.5-turbo-0613'],
    ['gpt-3.5-turbo', 'azure/gpt-35-turbo-0613'],
    ['mistral-large', 'mistral-large-2512'],
    ['mistral-medium', 'mistral/mistral-medium-latest'],
    // The catalogue gives these the same price, but they are other models.
    ['gpt-5', 'gpt-5-codex'],
    ['gpt-4-turbo', 'gpt-4-1106-preview'],
  ])('of %s does not hold for %s', (model, called) => {
    expect(resolve(called, [override(model)])?.override ?? null).toBeNull()
  })

  test('of the more specific name goes first', () => {
    const names = ['gpt-4.1', 'gpt-4.1-2025-04-14', 'azure/gpt-4.1', 'azure/gpt-4.1-2025-04-14']
    const all = names.map((name) => override(name))
    const matched = (called: string, provider?: string) => resolve(called, all, provider)?.matched
    expect(matched('azure/gpt-4.1-2025-04-14')).toBe('azure/gpt-4.1-2025-04-14')
    expect(matched('gpt-4.1-2025-04-14', 'azure')).toBe('azure/gpt-4.1-2025-04-14')
    expect(matched('openai/gpt-4.1-2025-04-14')).toBe('gpt-4.1-2025-04-14')
    expect(matched('azure/gpt-4.1-2026-01-01')).toBe('azure/gpt-4.1')
    expect(matched('openai/gpt-4.1')).toBe('gpt-4.1')
    expect(matched('gpt-4.1', 'azure')).toBe('azure/gpt-4.1')
    expect(matched('gpt-4.1', 'openai')).toBe('gpt-4.1')
  })

  test('holds for its aliases, with the ratios of its own model', () => {
    const [match] = ['My-Deployment', 'azure/my-deployment'].map((called) =>
      resolve(called, [override('gpt-4.1', { aliases: ['my-deployment'] })]),
    )
    expect(match).toMatchObject({ model: 'gpt-4.1', matched: 'my-deployment', by: 'alias', canonicalModel: 'gpt-4.1' })
    expect(match?.entry).toMatchObject({ provider: 'openai', model: 'gpt-4.1' })
    expect(match?.makerEntry).toMatchObject({ provider: 'openai', model: 'gpt-4.1' })
  })

  test("a model's own name goes before another one's alias", () => {
    const overrides = [override('a', { aliases: ['b'] }), override('b', { aliases: ['a'] })]
    expect(resolve('b', overrides)).toMatchObject({ model: 'b', by: 'name' })
    expect(resolve('a', overrides.reverse())).toMatchObject({ model: 'a', by: 'name' })
  })

  test('holds from its start until before its end', () => {
    const overrides = [
      override('gpt-4.1', { effectiveFrom: '2026-02-01T00:00:00.000Z', effectiveTo: '2026-03-01T00:00:00.000Z' }),
      override('gpt-4.1', { effectiveFrom: '2026-03-01T00:00:00.000Z' }),
      override('gpt-4.1-2025-04-14', { effectiveFrom: '2026-04-01T00:00:00.000Z' }),
    ]
    const index = indexOverrides(overrides)
    const at = (instant: string) => resolveModel('gpt-4.1-2025-04-14', instant, undefined, index)?.override
    expect(at('2026-01-31T23:59:59.999Z')).toBeNull()
    expect(at('2026-02-01T00:00:00.000Z')).toBe(overrides[0])
    expect(at('2026-02-28T23:59:59.999Z')).toBe(overrides[0])
    expect(at('2026-03-01T00:00:00.000Z')).toBe(overrides[1])
    expect(at('2026-04-01T00:00:00.000Z')).toBe(overrides[2])
    const ended = indexOverrides(overrides.slice(0, 1))
    expect(resolveModel('gpt-4.1', '2026-03-01T00:00:00.000Z', undefined, ended)?.override).toBeNull()
  })
})

describe('a pattern', () => {
  test.each([
    ['claude-*', 'claude-sonnet-4-5', true],
    ['claude-*', 'CLAUDE-x', true],
    ['claude-*', 'claude', false],
    ['*-mini', 'gpt-4.1-mini', true],
    ['*-mini', 'gpt-4.1-mini-2025-04-14', true],
    ['*-mini', 'gpt-4.1-minimal', false],
    ['ft:*:acme:*', 'ft:gpt-4o:acme::id', true],
    ['ft:*:acme:*', 'ft:gpt-4o:other::id', false],
    ['a*b*a', 'aba', true],
    ['a*ba', 'aba', true],
    ['ab*ba', 'aba', false],
    ['a*b*b', 'ab', false],
    ['gpt.4', 'gpt-4', false],
    ['exact', 'exact', true],
    ['exact', 'exactly', false],
    ['**x', 'x', true],
  ])('%s for %s: %s', (pattern, called, holds) => {
    const match = resolve(called, [override('ours', { pattern })])
    expect(match?.override?.pattern === pattern && match.by === 'pattern' && match.matched === pattern).toBe(holds)
  })

  test('is tried after all names, the most literal one first', () => {
    const some = [
      override('a', { pattern: 'gpt-*' }),
      override('b', { pattern: 'gpt-4.1*' }),
      override('c', { pattern: '*1*' }),
    ]
    expect(resolve('gpt-4.1-mini', some)).toMatchObject({ model: 'b', canonicalModel: 'gpt-4.1-mini' })
    expect(resolve('gpt-4o', some)).toMatchObject({ model: 'a' })
    expect(resolve('azure/gpt-4.1-2025-04-14', [...some, override('gpt-4.1')])).toMatchObject({
      model: 'gpt-4.1',
      by: 'prefix',
    })
    expect(resolve('azure/gpt-4.1', [...some, override('d', { pattern: 'azure/*' })])).toMatchObject({ model: 'd' })
    expect(resolve('our-1', some)).toMatchObject({
      model: 'c',
      canonicalModel: 'c',
      entry: undefined,
      makerEntry: undefined,
    })
  })
})

describe('without an override', () => {
  const basis = (called: string, provider?: string) => {
    const match = resolve(called, [], provider)
    return match && `${match.entry?.provider}/${match.entry?.model} ${match.by} ${match.matched}`
  }

  test.each([
    ...['no-such-model', 'myorg/gpt-4o', 'gpt-4o:free', 'ft:gpt-4o:org::id', 'my-claude-3-5-haiku', 'gpt-4o-mini-2'],
    // Names that only begin as one in the catalogue does.
    ...[
      'claude-sonnet-5-5',
      'claude-sonnet-5abc',
      'gemini-2.5-prox',
      'claude-sonnet-55',
      'claude-sonnet-5.5-20270101',
      'gemini-1.5-flash-8b',
      'gemini-2.5-pro:free',
    ],
    ...['us.anthropic.claude-sonnet-5-5-v1:0', 'amazon.titan-embed-text-v2:0', 'deepseek-r1-distill-nothing'],
    // Snapshots that cost something else than the model without the date.
    ...['mistral-large-2402', 'codestral-2405', 'mistral/mistral-small-2409'],
    // What one host asks is not the price of another.
    ...['azure/llama-3.3-70b-versatile', 'bedrock/qwen/qwen3-32b', 'amazon.nova-lite-v1:0:300k'],
    ...['', '/', ':', '*', 'openai/', 'azure/my-deployment', '__proto__', 'constructor'],
  ])('%s is unknown', (called) => {
    expect(resolve(called, [])).toBeUndefined()
  })

  test.each([
    ['gpt-4o', undefined, 'openai/gpt-4o name gpt-4o'],
    ['gpt-4.1-2025-04-14', undefined, 'openai/gpt-4.1 date gpt-4.1'],
    ['azure/gpt-4o-2024-11-20', undefined, 'openai/gpt-4o prefix gpt-4o'],
    ['gpt-4-1106-preview', undefined, 'openai/gpt-4-turbo alias gpt-4-1106-preview'],
    ['text-embedding-3-small', undefined, 'openai/text-embedding-3-small name text-embedding-3-small'],
    ['ft:gpt-4o-2024-08-06:org::id', undefined, 'openai/ft:gpt-4o alias ft:gpt-4o-2024-08-06:org::id'],
    [
      'deepseek-r1-distill-llama-70b',
      undefined,
      'groq/deepseek-r1-distill-llama-70b name deepseek-r1-distill-llama-70b',
    ],
    ['openai/gpt-oss-20b:free', undefined, 'openrouter/openai/gpt-oss-20b:free name openai/gpt-oss-20b:free'],
    // A gateway's own price goes before the maker's, whether the name or the caller says whose it is.
    ['o3-mini', 'azure', 'azure/o3-mini name o3-mini'],
    ['azure/o3-mini', undefined, 'azure/o3-mini prefix o3-mini'],
    ['gpt-4o', 'azure', 'openai/gpt-4o name gpt-4o'],
    ['openai/gpt-4o', 'openrouter', 'openrouter/openai/gpt-4o name openai/gpt-4o'],
    ['claude-sonnet-4-5', 'google', 'google/claude-sonnet-4-5 name claude-sonnet-4-5'],
    ['anthropic/claude-sonnet-4.5', 'google', 'google/claude-sonnet-4-5 prefix claude-sonnet-4-5'],
    // The form of an answer says less about who sold it than the name does.
    [
      'us.anthropic.claude-sonnet-4-20250514-v1:0',
      'anthropic',
      'aws/regional.anthropic.claude-sonnet-4-20250514-v1:0 alias us.anthropic.claude-sonnet-4-20250514-v1:0',
    ],
  ])('%s (%s) is priced by %s', (called, provider, expected) => {
    expect(basis(called, provider)).toBe(expected)
  })

  test('every id in the catalogue is known by name', () => {
    expect(catalogueNames().filter((name) => !resolve(name, []))).toEqual([])
  })

  test("a model's price is that of the instant, also after it was asked for at another one", () => {
    const input = (model: string, at: string) => resolve(model, [], undefined, at)?.entry?.prices.input_mtok
    expect([input('o3', '2025-06-09T23:59:59.999Z'), input('o3', '2025-06-10T00:00:00.000Z')]).toEqual([10, 2])
    expect(input('deepseek-chat', '2026-06-01T01:00:00.000Z')).toBe(0.27)
    expect(input('deepseek-chat', '2026-06-01T23:00:00.000Z')).toBe(0.135)
    expect(input('deepseek-chat', '2026-06-01T01:00:00.000Z')).toBe(0.27)
  })
})

test('a flood of other names does not change what is known of a name', () => {
  const index = indexOverrides([override('gpt-4.1')])
  const first = resolveModel('gpt-4.1', AT, 'openai', index)
  for (let i = 0; i < 5_000; i++) {
    resolveModel(`no-such-model-${i}`, AT, 'openai', index)
    if (i % 1_000 === 0) expect(resolveModel('gpt-4.1', AT, 'openai', index)).toEqual(first)
  }
})
