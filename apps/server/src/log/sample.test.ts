import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { isInSample } from './sample.js'

const COUNT = 20_000
const families: [name: string, idOf: (index: number) => string][] = [
  ['random ids', () => randomUUID()],
  ['trace ids', () => randomBytes(16).toString('hex')],
  ['counted ids', (index) => `req-${index}`],
  ['ids with a long common start', (index) => `${'a'.repeat(40)}-${index}`],
]

test.each(families)('keeps the share of %s that it is told to', (_, idOf) => {
  const ids = Array.from({ length: COUNT }, (_each, index) => idOf(index))
  for (const share of [0, 0.01, 0.1, 0.5, 0.9, 1]) {
    const kept = ids.filter((id) => isInSample(id, share)).length
    // Six standard deviations: less than one run in 100 million leaves them by chance.
    const deviation = Math.sqrt(COUNT * share * (1 - share))
    expect(Math.abs(kept - COUNT * share), `share ${share}`).toBeLessThanOrEqual(6 * deviation)
  }
})

test('decides about an id as every other server does, and keeps with a larger share all that a smaller one keeps', () => {
  // Pinned, because servers of different versions share traces.
  const kept = Array.from({ length: 30 }, (_, index) => index).filter((index) => isInSample(`req-${index}`, 0.2))
  expect(kept).toEqual([8, 16, 26, 27, 29])
  const ids = Array.from({ length: 1_000 }, () => randomUUID())
  const some = ids.filter((id) => isInSample(id, 0.1))
  expect(some.every((id) => isInSample(id, 0.3))).toBe(true)
})
