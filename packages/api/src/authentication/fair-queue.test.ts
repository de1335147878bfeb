import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fairQueue } from './fair-queue.js'

test('users take turns, however many jobs one of them queues, and one job runs at a time', async () => {
  const done: string[] = []
  let underWay = 0
  const queue = fairQueue(
    async (job: string) => {
      underWay += 1
      expect(underWay).toBe(1)
      await sleep(1)
      underWay -= 1
      done.push(job)
      return job
    },
    { maxWaiting: 100, maxWaitingPerUser: 20 },
  )
  const busy = Array.from({ length: 10 }, (_, index) => queue.run(`busy ${index}`, 1))
  const others = [queue.run('second', 2), queue.run('third', 3)]
  await Promise.all([...busy, ...others])
  expect(done).toHaveLength(12)
  expect(done.indexOf('second')).toBeLessThan(4)
  expect(done.indexOf('third')).toBeLessThan(4)
})

test('rejects too many jobs of one user as rate_limited and too many in total as unavailable; runs the queued ones', async () => {
  const queue = fairQueue(
    async (job: number) => {
      await sleep(1)
      if (job === 0) throw new RangeError('this job fails')
      return job * 2
    },
    { maxWaiting: 5, maxWaitingPerUser: 2 },
  )
  // The first begins at once, so it does not count as waiting.
  const first = queue.run(0, 1)
  const ofOne = [1, 2, 3].map((job) => queue.run(job, 1))
  const ofOthers = [4, 5, 6, 7].map((job) => queue.run(job, job))
  const answers = await Promise.allSettled([first, ...ofOne, ...ofOthers])
  const limited = { reason: 'rate_limited', details: { retryAfterSeconds: 1 } }
  expect(answers).toMatchObject([
    { reason: { message: 'this job fails' } },
    { value: 2 },
    { value: 4 },
    { status: 'rejected', reason: limited },
    { value: 8 },
    { value: 10 },
    { value: 12 },
    { status: 'rejected', reason: { reason: 'unavailable' } },
  ])
  expect(await queue.run(8, 1)).toBe(16)
})
