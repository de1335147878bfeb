import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calledModels } from '../testing/called-models.js'
import { rulesOf } from '../testing/price-calls.js'
import { nameForms } from './model-names.js'
import { resolveModel } from './resolve-model.js'

const AT = '2026-06-01T12:00:00.000Z'
const none = rulesOf().index

describe.each(calledModels)("in %s's writing", (writer, models) => {
  test('there are twenty models or more', () => {
    expect({ writer, count: new Set(models.map(({ called }) => called)).size >= 20 }).toEqual({ writer, count: true })
  })

  test.each(models)('$called ($provider) is $canonical', ({ called, provider, canonical, by, basis }) => {
    const match = resolveModel(called, AT, provider, none)
    expect({ canonical: match?.canonicalModel, basis: `${match?.entry?.provider}/${match?.entry?.model}` }).toEqual({
      canonical,
      basis,
    })

    const own = resolveModel(called, AT, provider, rulesOf({ id: 7, model: canonical }).index)
    expect(own).toMatchObject({ model: canonical, matched: canonical, by, canonicalModel: canonical })
    expect(own?.override?.id).toBe(7)
    expect(own?.entry).toEqual(match?.entry)
  })
})

describe('the forms of a name, most specific first', () => {
  test.each<[called: string, provider: string | undefined, forms: string[]]>([
    ['gpt-4.1', undefined, ['gpt-4.1 name']],
    ['gpt-4.1-2025-04-14', undefined, ['gpt-4.1-2025-04-14 name', 'gpt-4.1 date']],
    [
      'azure/gpt-4.1-2025-04-14',
      undefined,
      ['azure/gpt-4.1-2025-04-14 name', 'azure/gpt-4.1 date', 'gpt-4.1-2025-04-14 prefix', 'gpt-4.1 prefix'],
    ],
    [
      'gpt-4.1-2025-04-14',
      'azure',
      ['azure/gpt-4.1-2025-04-14 name', 'gpt-4.1-2025-04-14 name', 'azure/gpt-4.1 date', 'gpt-4.1 date'],
    ],
    ['azure/gpt-4.1', 'azure', ['azure/gpt-4.1 name', 'gpt-4.1 prefix']],
    ['gpt-4.1', 'bedrock', ['bedrock/gpt-4.1 name', 'aws/gpt-4.1 name', 'gpt-4.1 name']],
    [
      'us.anthropic.claude-opus-4-6-v1',
      undefined,
      [
        'us.anthropic.claude-opus-4-6-v1 name',
        'us.anthropic.claude-opus-4-6 date',
        'anthropic.claude-opus-4-6-v1 prefix',
        'anthropic.claude-opus-4-6 prefix',
        'claude-opus-4-6-v1 prefix',
        'claude-opus-4-6 prefix',
      ],
    ],
    [
      'openrouter/anthropic/claude-sonnet-4.5',
      undefined,
      [
        'openrouter/anthropic/claude-sonnet-4.5 name',
        'anthropic/claude-sonnet-4.5 prefix',
        'claude-sonnet-4.5 prefix',
        'claude-sonnet-4-5 prefix',
      ],
    ],
    ['GPT-35-Turbo', undefined, ['GPT-35-Turbo name', 'gpt-3.5-turbo prefix']],
  ])('%s (%s)', (called, provider, forms) => {
    expect(nameForms(called, provider).map(({ name, by }) => `${name} ${by}`)).toEqual(forms)
  })

  test.each([
    ['m-2025-04-14', 'm'],
    ['m-20250414', 'm'],
    ['m@20250414', 'm'],
    ['m-0414', 'm'],
    ['m-2504', 'm'],
    ['m-04-14', 'm'],
    ['m-08-2024', 'm'],
    ['m-latest', 'm'],
    ['m@default', 'm'],
    ['m-v1:0', 'm'],
    ['m-1:0', 'm'],
    ['m-20250414-v2:0', 'm'],
    ['gemini-9-001', 'gemini-9'],
    ['claude-opus-4-0', 'claude-opus-4'],
    ['claude-3-5-sonnet-v2@20241022', 'claude-3-5-sonnet'],
  ])('%s is %s of some date or version', (called, model) => {
    expect(nameForms(called).at(-1)).toEqual({ name: model, by: 'date' })
  })

  test.each([
    ...['m-2025-02-29', 'm-2025-13-01', 'm-20251301', 'm-20250230', 'm-1999-05-05', 'm@20250230', 'm-2025-4-14'],
    ...['m-4096', 'm-8192', 'm-1024', 'm-2048', 'm-32768', 'm-70b', 'm-1332', 'm-0230', 'm-2513', 'm-02-30', 'm-16-16'],
    ...['m-001', 'm-v2', 'm-v2:0', 'm-v1', 'm-4-5', 'm-4-1', 'm-0', 'm0613', 'm:0', 'm-128k', 'm-1106-preview'],
    ...['2025-04-14', '-20250414', '-latest', '', 'claude-3-5', 'claude-opus-4-5', 'amazon-titan-v2:0'],
  ])('%s has neither date nor version', (called) => {
    expect(nameForms(called)).toEqual([{ name: called, by: 'name' }])
  })

  test.each([
    ...['myorg/gpt-4o', 'my/openai/gpt-4o', 'ft:gpt-4o:org::id', 'gpt-4o:free', 'us.myorg.claude', 'openai', 'openai/'],
    ...['us.', 'azureish/gpt-4o', 'arn:aws:s3:::bucket/gpt-4o', 'arn:aws:bedrock:eu-west-1:1:provisioned-model/abc'],
  ])('%s has no known prefix', (called) => {
    expect(nameForms(called)).toEqual([{ name: called, by: 'name' }])
  })
})

describe('for any string', () => {
  const piece = fc.constantFrom(
    ...['openai/', 'azure/eu/', 'us.', 'anthropic.', 'bedrock/converse/', 'models/', 'claude-', 'gpt-4', '-2025-04-14'],
    ...['@20250414', '-v1:0', ':free', '-latest', '.', '/', '-', '0', '35-turbo', 'é', '\u0000', '*'],
  )
  const anyName = fc
    .oneof(
      fc.string({ maxLength: 200, unit: 'binary' }),
      fc.array(piece, { maxLength: 20 }).map((all) => all.join('')),
    )
    .map((name) => name.slice(0, 200))
  const provider = fc.option(fc.constantFrom('openai', 'bedrock', 'azure', 'nobody', '__proto__'), { nil: undefined })

  test('the first form is the called name, no form comes twice, and the work is bounded', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const forms = nameForms(name)
        expect(forms[0]).toEqual({ name, by: 'name' })
        expect(new Set(forms.map((form) => form.name)).size).toBe(forms.length)
        expect(forms.length).toBeLessThanOrEqual(28)
        expect(nameForms(name)).toEqual(forms)
      }),
      { numRuns: 1_000 },
    )
  })

  test('the last form has no further forms', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const forms = nameForms(name)
        const last = forms.at(-1)?.name ?? ''
        // No more than five prefixes and three dates or versions are taken off.
        fc.pre(name.split(/[/.]/).length <= 6 && name.split(/[-@]/).length <= 4)
        expect(nameForms(last).map((form) => form.name)).toEqual([last])
      }),
      { numRuns: 1_000 },
    )
  })

  test('a rule is found or not, always the same, and never throws', () => {
    const index = rulesOf({ model: 'gpt-4', aliases: ['é'], pattern: 'claude-*-latest' }).index
    fc.assert(
      fc.property(anyName, provider, (name, providerId) => {
        expect(resolveModel(name, AT, providerId, index)).toEqual(resolveModel(name, AT, providerId, index))
      }),
      { numRuns: 1_000 },
    )
  })
})
