import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { limitConcurrency } from './concurrency-limit.js'

test('a few calls of one user run at once, in order, concurrently with those of other users', async () => {
  const { run } = limitConcurrency({ atOnce: 3, maxWaiting: 100 })
  const done: string[] = []
  let underWay = 0
  const call = (userId: number, name: string) =>
    run(userId, async () => {
      underWay += 1
      const others = userId === 1 ? 1 : 3
      expect(underWay).toBeLessThanOrEqual(3 + others)
      await sleep(2)
      underWay -= 1
      done.push(name)
      return name
    })
  const busy = Array.from({ length: 20 }, (_, index) => call(1, `busy ${index}`))
  const other = call(2, 'other')
  expect(await Promise.all([...busy, other])).toHaveLength(21)
  expect(done.indexOf('other')).toBeLessThan(4)
  expect(done.filter((name) => name !== 'other')).toEqual(busy.map((_, index) => `busy ${index}`))
})

test('too many waiting calls are rate limited; calls that fail or throw at once free their place', async () => {
  const { run } = limitConcurrency({ atOnce: 1, maxWaiting: 2 })
  const fail = () => run(1, () => Promise.reject(new RangeError('this call fails')))
  const answers = await Promise.allSettled([
    fail(),
    fail(),
    run(1, async () => 'done'),
    fail(),
    run(2, async () => 'other'),
  ])
  expect(answers).toMatchObject([
    { reason: { message: 'this call fails' } },
    { reason: { message: 'this call fails' } },
    { value: 'done' },
    { reason: { reason: 'rate_limited', details: { retryAfterSeconds: 1 } } },
    { value: 'other' },
  ])
  const throws = run(1, () => {
    throw new RangeError('this call throws')
  })
  await expect(throws).rejects.toThrow('this call throws')
  expect(await run(1, async () => 'next')).toBe('next')
})

test('calls without I/O yield the event loop between them', async () => {
  const { run } = limitConcurrency({ atOnce: 4, maxWaiting: 100 })
  let done = 0
  const work = async () => {
    done += 1
  }
  const calls = Array.from({ length: 100 }, () => run(1, work))
  const seen: number[] = []
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    seen.push(done)
  }
  expect(seen.every((count) => count <= 20)).toBe(true)
  await Promise.all(calls)
  expect(done).toBe(100)
})
