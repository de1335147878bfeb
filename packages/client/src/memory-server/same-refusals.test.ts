import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { procedures } from '../generated/procedures.js'
import { outcomeOf, type Side, sides } from '../testing/sides.js'
import { steps } from '../testing/steps.js'

let running: Side[]
beforeAll(async () => {
  running = await Promise.all(sides.slice(0, 2).map(({ start }) => start()))
})
afterAll(() => Promise.all(running.map((side) => side.close())))

/** Values at the edges of what is taken, and far from it. */
const value = fc.oneof(
  fc.constantFrom<unknown[]>(
    null,
    true,
    [],
    {},
    [null],
    { a: 1 },
    ['read', 'read'],
    ['day', 'model'],
    'running',
    'admin',
  ),
  fc.constantFrom<unknown[]>(
    '',
    ' ',
    '0',
    '-0',
    '1',
    '1.',
    '.5',
    '007',
    '1e3',
    'NaN',
    '-1',
    '9007199.254740992',
    '9007199.254740993',
  ),
  fc.constantFrom<unknown[]>(
    0,
    -0,
    1,
    -1,
    0.5,
    1e-10,
    5e-10,
    1e21,
    1e308,
    200,
    201,
    86_400,
    86_401,
    2 ** 53 - 1,
    2 ** 53,
    -(2 ** 53),
  ),
  fc.constantFrom(
    '2020-02-29',
    '2021-02-29',
    '2020-01-01T00:00:00Z',
    '2020-01-01T24:00:00Z',
    '9999-12-31T23:59:59-01:00',
  ),
  fc.constantFrom('a@b.co', 'a@b', ' ada', 'a\u200b', 'a\0', '\ud800', '🐍', '__proto__', 'mgx_key_of_my_own_choice'),
  fc.constantFrom(100, 101, 200, 255, 256, 1_000, 4_097, 10_001, 100_001).map((length) => 'x'.repeat(length)),
  fc.constantFrom(100, 128, 254, 255).map((length) => '🐍'.repeat(length)),
  fc.nat({ max: 40 }).map((levels) => nested(levels)),
  fc.jsonValue(),
)
const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) })

type Fields = Record<string, unknown>
/** Not those that take away what the caller may do: a real server remembers it for seconds. */
const inputs = steps
  .filter(
    ({ path }) => procedures[path]?.takesInput && !['users.update', 'apiKeys.revoke', 'apiKeys.rotate'].includes(path),
  )
  .map(({ path, input = {} }) => [path, input as Fields] as const)

/** An input with some of its fields, or of those of its first row, made something else, unknown or missing. */
const changed = fc.constantFrom(...inputs).chain(([path, input]) => {
  const names = [...Object.keys(input), 'limit', 'cursor', 'totalCost', 'from', 'unknown', 'idempotencyKey', 'metadata']
  const changes = fc.dictionary(fc.constantFrom(...names), fc.option(value, { nil: undefined, freq: 5 }), {
    maxKeys: 3,
  })
  return fc.tuple(fc.constant(path), fc.oneof({ weight: 9, arbitrary: changes.map(withChanges(input)) }, value))
})
const withChanges = (input: Fields) => (changes: Fields) => {
  const { records } = input
  return Array.isArray(records) ? { ...input, records: [{ ...records[0], ...changes }] } : { ...input, ...changes }
}

/** What depends on the calls before: a total that is past the largest amount, and a cursor, which is looked at last. */
const LATER = /the largest amount|nextCursor/

/** The refusal of an input, if it is one. */
function refusalOf(outcome: unknown): unknown {
  const { refused, message } = outcome as Fields
  return refused === 'invalid_input' && !LATER.test(String(message)) ? outcome : 'taken'
}

test('any input is taken by both, or refused by both in the same words', { timeout: 120_000 }, async () => {
  let refused = 0
  await fc.assert(
    fc.asyncProperty(changed, async ([path, input]) => {
      const [memory, real] = await Promise.all(running.map(({ mgx }) => outcomeOf(mgx, path, input)))
      expect(refusalOf(memory)).toEqual(refusalOf(real))
      if (refusalOf(memory) !== 'taken') refused += 1
    }),
    { numRuns: 1_000 },
  )
  expect(refused).toBeGreaterThan(300)
})
