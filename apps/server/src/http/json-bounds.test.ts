import { MAX_BODY_BYTES, MAX_JSON_DEPTH, MAX_JSON_KEYS } from '@mgx/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requireBoundedJson } from './json-bounds.js'

const nested = (levels: number) => `${'{"a":['.repeat(levels / 2)}1${']}'.repeat(levels / 2)}`
const withKeys = (keys: number) => `{${Array.from({ length: keys }, (_, index) => `"${index}":0`).join(',')}}`

test('the limits themselves are accepted, one more is refused', () => {
  requireBoundedJson(nested(MAX_JSON_DEPTH))
  expect(() => requireBoundedJson(`[${nested(MAX_JSON_DEPTH)}]`)).toThrow('the JSON is nested more than 64 levels deep')
  requireBoundedJson(withKeys(MAX_JSON_KEYS))
  expect(() => requireBoundedJson(withKeys(MAX_JSON_KEYS + 1))).toThrow('the JSON has more than 65536 keys')
})

test('brackets and colons inside of strings do not count, wherever a string ends', () => {
  for (const text of [
    '[{:'.repeat(50_000),
    '\\"[{:'.repeat(50_000),
    `${'\\\\'.repeat(50)}`,
    '\\\\\\"[[['.repeat(500),
  ]) {
    requireBoundedJson(`{"${text}":"${text}"}`)
  }
  expect(() => requireBoundedJson(`{"a\\\\":${'['.repeat(64)}`)).toThrow('levels')
})

test('of any JSON, it accepts what is within the limits', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(70), fc.nat(3), (inner, levels, spaces) => {
      const value = Array.from({ length: levels }).reduce<unknown>((wrapped) => [wrapped], inner)
      const read = () => requireBoundedJson(JSON.stringify(value, null, spaces))
      if (depthOf(value) > MAX_JSON_DEPTH) expect(read).toThrow()
      else read()
    }),
  )
})

test('text that is not JSON is left to the parser', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => requireBoundedJson(text)))
  for (const text of ['', '"', '"\\', ']]]]', '{"a":"', '"'.repeat(999)]) requireBoundedJson(text)
})

describe('it takes time in proportion to the text', () => {
  test.each([
    ['quotes', '"'],
    ['escaped quotes', '\\"'],
    ['backslashes', '\\'],
    ['a string of backslashes', `"${'\\'.repeat(999)}`],
    ['colons within quotes', '":"'],
    ['brackets', '[]'],
  ])('%s', (_name, part) => {
    const text = part.repeat(MAX_BODY_BYTES / part.length)
    const start = performance.now()
    requireBoundedJson(text)
    // About 5 ms; quadratic work would take minutes.
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})
