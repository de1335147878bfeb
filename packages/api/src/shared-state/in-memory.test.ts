import { expect, test, vi } from 'vitest'
import { describeSharedState } from '../testing/shared-state-suite.js'
import { inMemoryState, newMemory } from './in-memory.js'
import { countWindows } from './window-counts.js'

describeSharedState('in memory', async () => {
  const memory = newMemory()
  const states = { one: inMemoryState(memory), other: inMemoryState(memory), elsewhere: inMemoryState() }
  return { ...states, end: async () => {} }
})

test('in memory, pages are always read', async () => {
  const { page } = inMemoryState()
  const read = vi.fn(async () => 'page')
  const pages = [await page('name', read), await page('name', read)]
  expect(pages).toEqual([
    { value: 'page', ageSeconds: undefined },
    { value: 'page', ageSeconds: undefined },
  ])
  expect(read).toHaveBeenCalledTimes(2)
})

test('a count ends with its window, and so does one that was learned', async () => {
  const counts = countWindows()
  counts.learn('short', { count: 5, endsInMilliseconds: 30 })
  counts.add('long')
  expect([counts.add('short').count, counts.known('long').count]).toEqual([6, 1])
  await vi.waitFor(() => expect(counts.known('short').count).toBe(0))
  expect([counts.add('short').count, counts.add('long').count]).toEqual([1, 2])
})
