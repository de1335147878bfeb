import { describe, expect, test } from 'vitest'
import {
  CreateProjectInput,
  CreateUserInput,
  ListCostsInput,
  ListProjectsInput,
  RecordCostInput,
  SessionToken,
  Username,
} from './index.js'

const call = { projectId: 1, model: 'gpt-4o', promptTokens: 10, completionTokens: 5 }
const project = { name: 'Snake', idea: 'Write a snake game' }

/** Returns the dotted paths of the invalid fields of an input. */
function refusedAt(schema: typeof RecordCostInput | typeof CreateProjectInput | typeof CreateUserInput, input: object) {
  return schema.safeParse(input).error?.issues.map((issue) => issue.path.join('.'))
}

function nested(levels: number): object {
  return levels === 0 ? {} : { next: nested(levels - 1) }
}

describe('a recorded cost', () => {
  test('takes money as a decimal string or a number and makes it canonical', () => {
    expect(RecordCostInput.parse({ ...call, totalCost: 0.1 }).totalCost).toBe('0.1')
    expect(RecordCostInput.parse({ ...call, totalCost: '0.10' }).totalCost).toBe('0.1')
    expect(RecordCostInput.parse(call)).toEqual({ ...call, cachedPromptTokens: 0 })
  })

  test.each([
    ['more than nine decimals', 'totalCost', '0.1234567891'],
    ['2^53 + 1 nano-USD', 'totalCost', '9007199.254740993'],
    ['a negative amount', 'totalCost', '-1'],
    ['NaN', 'totalCost', Number.NaN],
    ['Infinity', 'totalCost', Number.POSITIVE_INFINITY],
    ['a boolean amount', 'totalCost', true],
    ['negative tokens', 'promptTokens', -1],
    ['half a token', 'promptTokens', 0.5],
    ['2^53 + 1 tokens', 'completionTokens', 2 ** 53 + 2],
    ['more cached than prompt tokens', 'cachedPromptTokens', 11],
    ['NUL in the model', 'model', 'gpt\0'],
    ['a lone surrogate', 'model', 'gpt\ud800'],
    ['an empty model', 'model', ''],
    ['a model of 10,000 characters', 'model', 'm'.repeat(10_000)],
    ['project 0', 'projectId', 0],
    ['an empty key', 'idempotencyKey', ''],
  ])('refuses %s', (_, field, value) => {
    expect(refusedAt(RecordCostInput, { ...call, [field]: value })).toEqual([field])
  })

  test('refuses a field it does not know', () => {
    expect(RecordCostInput.safeParse({ ...call, cost: 1 }).error?.issues[0]).toMatchObject({ keys: ['cost'] })
  })
})

describe('metadata', () => {
  test('may be any JSON object of 32 levels', () => {
    const metadata = { n_round: 5, tags: ['a', 'b'], none: null, deep: nested(30) }
    expect(CreateProjectInput.parse({ ...project, metadata }).metadata).toEqual(metadata)
  })

  test.each([
    ['33 levels', nested(32)],
    ['100,000 levels', JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
    ['more than 16 KiB', { text: 'x'.repeat(16 * 1024) }],
    ['NUL in a value', { a: ['\0'] }],
    ['NUL in a key', { 'a\0': 1 }],
    ['a lone surrogate', { a: '\udfff' }],
    ['a number past every range', JSON.parse('{"a":1e999}')],
    ['an array', [1]],
    ['a text', 'text'],
  ])('refuses %s', (_, metadata) => {
    expect(refusedAt(CreateProjectInput, { ...project, metadata })).toContain('metadata')
  })
})

describe('a user', () => {
  const user = { username: 'Zoë', email: 'zoe@example.com' }

  test('defaults to a member without a limit', () => {
    expect(CreateUserInput.parse(user)).toEqual({ ...user, role: 'member', spendingLimit: null })
  })

  test.each([
    ['username', ' zoe'],
    ['username', ''],
    ['username', 'zoe\u202e'],
    ['username', 'zo\ne'],
    ['email', 'zoe'],
    ['role', 'owner'],
    ['apiKey', 'short'],
    ['apiKey', 'with a space in the key'],
    ['apiKey', 'k'.repeat(129)],
  ])('is refused for a bad %s: %j', (field, value) => {
    expect(refusedAt(CreateUserInput, { ...user, [field]: value })).toEqual([field])
  })
})

test('no text from a caller may contain NUL, not even in a filter', () => {
  for (const field of ['model', 'actionType']) {
    expect(ListCostsInput.safeParse({ projectId: 1, [field]: 'a\0b' }).success).toBe(false)
  }
  expect(Username.safeParse({ username: 'a\0b' }).success).toBe(false)
  expect(SessionToken.safeParse({ token: 'a\0b' }).success).toBe(false)
})

test('an instant may come in any zone and becomes UTC', () => {
  const { from } = ListCostsInput.parse({ projectId: 1, from: '2026-03-01T09:00:00+02:00' })
  expect(from).toBe('2026-03-01T07:00:00.000Z')
  for (const wrong of [
    '2026-03-01',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-01:00',
    '0001-01-01T00:00:00+01:00',
  ]) {
    expect(ListCostsInput.safeParse({ projectId: 1, from: wrong }).success).toBe(false)
  }
})

test.each([0, 201, 1.5])('a page of %s rows is refused', (limit) => {
  expect(ListProjectsInput.safeParse({ limit }).success).toBe(false)
})
