import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { groupCommit } from './group-commit.js'

const double = (numbers: number[]) => numbers.map((number) => number * 2)
const options = {
  maxOperations: 10,
  maxWaiting: 1_000,
  maxWaitingPerUser: 100,
  isWorthRetrying: (error: unknown) => error instanceof RangeError,
}

test('calls that arrive together share a group, and calls made while it is in flight share the next one', async () => {
  const groups: number[][] = []
  const late: Promise<number[]>[] = []
  const { submit } = groupCommit(async (numbers: number[]) => {
    if (groups.push(numbers) === 1) late.push(submit([5]), submit([6, 7]))
    await sleep(5)
    return double(numbers)
  }, options)
  const answers = await Promise.all([submit([1]), submit([2, 3]), Promise.resolve().then(() => submit([4]))])
  expect(answers).toEqual([[2], [4, 6], [8]])
  expect(await Promise.all(late)).toEqual([[10], [12, 14]])
  expect(groups).toEqual([
    [1, 2, 3, 4],
    [5, 6, 7],
  ])
})

test('a group stays within the bound, but a larger single call still passes', async () => {
  const groups: number[] = []
  const { submit } = groupCommit(async (numbers: number[]) => {
    groups.push(numbers.length)
    return double(numbers)
  }, options)
  await Promise.all([submit([1]), submit(Array(6).fill(1)), submit(Array(6).fill(1)), submit(Array(25).fill(1))])
  expect(groups).toEqual([7, 6, 25])
})

test('users take turns in groups, with calls of one operation or of many', async () => {
  for (const size of [1, 4, 15]) {
    const groups: number[][] = []
    const { submit } = groupCommit(async (numbers: number[]) => {
      groups.push(numbers)
      await sleep(1)
      return double(numbers)
    }, options)
    const deadline = Number.POSITIVE_INFINITY
    const busy = Array.from({ length: 50 }, () => submit(Array(size).fill(0), { userId: 1, deadline }))
    await sleep(0)
    const others = [2, 3].map((userId) => submit([userId], { userId, deadline }))
    await Promise.all([...busy, ...others])
    expect(groups.slice(0, 4).flat()).toEqual(expect.arrayContaining([2, 3]))
    expect(groups.flat().filter((number) => number === 0)).toHaveLength(50 * size)
  }
})

test('calls of a user past the bound are rate limited, and those of others accepted', async () => {
  const { submit } = groupCommit(
    async (numbers: number[]) => {
      await sleep(5)
      return double(numbers)
    },
    { ...options, maxWaitingPerUser: 2 },
  )
  const deadline = Number.POSITIVE_INFINITY
  const ofOne = [1, 2, 3].map((number) => submit([number], { userId: 1, deadline }))
  const ofOther = submit([4], { userId: 2, deadline })
  const answers = await Promise.allSettled([...ofOne, ofOther])
  const limited = { reason: { reason: 'rate_limited', details: { retryAfterSeconds: 1 } } }
  expect(answers).toMatchObject([{ value: [2] }, { value: [4] }, limited, { value: [8] }])
})

test('a bad call fails alone', async () => {
  const { submit } = groupCommit(async (numbers: number[]) => {
    await sleep(1)
    if (numbers.includes(13)) throw new RangeError('poison')
    return double(numbers)
  }, options)
  const answers = await Promise.allSettled([submit([1]), submit([2]), submit([13]), submit([3])])
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
})

test('when the database is gone, every call of the group rejects once', async () => {
  let commits = 0
  const { submit } = groupCommit(async (): Promise<number[]> => {
    commits += 1
    await sleep(1)
    throw new Error('gone')
  }, options)
  const answers = await Promise.allSettled([submit([1]), submit([2]), submit([3])])
  expect(answers.every(({ status }) => status === 'rejected')).toBe(true)
  expect(commits).toBe(1)
})

test('drained waits for calls in flight and calls queued behind them', async () => {
  let answered = 0
  const { submit, drained } = groupCommit(async (numbers: number[]) => {
    await sleep(5)
    return double(numbers)
  }, options)
  for (const number of [1, 2, 3]) submit([number]).then(() => (answered += 1))
  await drained()
  expect(answered).toBe(3)
  await drained()
})

test('calls are rejected as unavailable while too many wait', async () => {
  const { submit } = groupCommit(
    async (numbers: number[]) => {
      await sleep(5)
      return double(numbers)
    },
    { ...options, maxWaiting: 3 },
  )
  const answers = await Promise.allSettled([submit([1]), submit([2, 3]), submit([4]), submit([5])])
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  expect(await submit([6])).toEqual([12])
})

test('a call whose deadline has passed when its turn comes is rejected and not executed', async () => {
  let now = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
  onTestFinished(() => clock.mockRestore())
  const groups: number[][] = []
  let answerFirst = () => {}
  const isAnswered = new Promise<void>((resolve) => {
    answerFirst = resolve
  })
  const { submit, drained } = groupCommit(async (numbers: number[]) => {
    groups.push(numbers)
    await isAnswered
    now += 30
    if (numbers.includes(13)) throw new RangeError('poison')
    return double(numbers)
  }, options)
  const soon = { userId: 1, deadline: 10 }
  const first = submit([1], soon)
  await vi.waitFor(() => expect(groups).toEqual([[1]]))
  const others = Promise.allSettled([submit([2], soon), submit([13]), submit([3], { userId: 1, deadline: 45 })])
  answerFirst()
  const answers = await others
  expect(await first).toEqual([2])
  expect(answers[0]).toMatchObject({ reason: { reason: 'unavailable' } })
  expect(answers[2]).toMatchObject({ reason: { reason: 'unavailable' } })
  expect(groups).toEqual([[1], [13, 3], [13]])

  const late = submit([4], { userId: 1, deadline: now - 1 })
  await expect(late).rejects.toMatchObject({ reason: 'unavailable' })
  await drained()
  expect(await submit([5])).toEqual([10])
})
