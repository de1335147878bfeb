import { expect, test } from 'vitest'
import { catalogueNames } from './catalogue.js'
import { nearestIn } from './nearest-names.js'

const known = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini', 'claude-sonnet-4-5', 'claude-opus-4-5', 'Our-Model']

test.each([
  ['gpt-4.2', ['gpt-4.1', 'gpt-4o']],
  ['claude-sonet-4.5', ['claude-sonnet-4-5', 'claude-opus-4-5']],
  ['gpt-4o-minni', ['gpt-4o-mini', 'gpt-4.1-mini']],
  ['azure/gpt4o-mini-2024-07-18', ['gpt-4o-mini', 'gpt-4.1-mini']],
  ['our_model', ['Our-Model']],
  ['something-else', []],
  ['', []],
  [`gpt-4o-mini${'x'.repeat(190)}`, []],
])('nearest to %s', (model, expected) => {
  expect(nearestIn(known, 2)(model)).toEqual(expected)
})

test('names no more than were asked for', () => {
  expect(nearestIn(catalogueNames())('gpt-4')).toHaveLength(3)
  expect(nearestIn(catalogueNames(), 1)('gpt-4')).toHaveLength(1)
})

test('a thousand calls of an unknown name take little time', () => {
  const nearest = nearestIn(catalogueNames(), 1)
  const started = performance.now()
  for (let i = 0; i < 1_000; i++) expect(nearest('claude-sonet-4-5')).toEqual(['claude-sonnet-4-5'])
  expect(performance.now() - started).toBeLessThan(200)
})
