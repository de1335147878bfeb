import { setTimeout as sleep } from 'node:timers/promises'
import { DomainError } from '@mgx/contract'
import { expect, test, vi } from 'vitest'
import { inMemoryState, newMemory } from '../shared-state/in-memory.js'
import { describeApi } from '../testing/callers.js'
import { newApiKey } from './credential-format.js'
import { limitFailures } from './failure-limit.js'
import { unauthenticated } from './unauthenticated.js'

const fail = async () => {
  await sleep(1)
  throw unauthenticated()
}
const reasonOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'ok',
    (error: DomainError) => error.reason,
  )
const count = (reasons: string[], reason: string) => reasons.filter((each) => each === reason).length

test('as many attempts fail as are allowed, also of those that come at once', async () => {
  const { attempt } = limitFailures(5, () => {}, inMemoryState())
  const flood = await Promise.all(Array.from({ length: 50 }, () => reasonOf(attempt('192.0.2.1', fail))))
  expect([count(flood, 'unauthenticated'), count(flood, 'rate_limited')]).toEqual([5, 45])
  expect(await reasonOf(attempt('192.0.2.2', async () => {}))).toBe('ok')
  expect(await reasonOf(attempt(null, async () => {}))).toBe('ok')
  const refused = vi.fn()
  const error = await attempt('192.0.2.1', refused).catch((each: unknown) => each)
  expect(error).toMatchObject({ reason: 'rate_limited', details: { retryAfterSeconds: expect.any(Number) } })
  const { retryAfterSeconds } = (error as DomainError).details ?? {}
  expect(retryAfterSeconds).toBeGreaterThan(50)
  expect(retryAfterSeconds).toBeLessThanOrEqual(60)
  expect(refused).not.toHaveBeenCalled()
})

test('attempts that succeed, or fail for another reason, do not count', async () => {
  const { attempt } = limitFailures(3, () => {}, inMemoryState())
  const outage = async () => {
    throw new DomainError('unavailable', 'the database is away')
  }
  const many = Array.from({ length: 30 }, (_, index) => attempt('a', index % 2 === 0 ? async () => {} : outage))
  expect(new Set(await Promise.all(many.map(reasonOf)))).toEqual(new Set(['ok', 'unavailable']))
  expect(await reasonOf(attempt('a', fail))).toBe('unauthenticated')
})

test.each([
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8::1', '2001:db8:0:0:1::'],
])('%s and %s count together', async (one, other) => {
  const { attempt } = limitFailures(1, () => {}, inMemoryState())
  await reasonOf(attempt(one, fail))
  expect(await reasonOf(attempt(other, fail))).toBe('rate_limited')
  expect(await reasonOf(attempt('2001:db8:1:3::1', fail))).toBe('unauthenticated')
})

test('after a minute an address may fail again', async () => {
  let now = 0
  const { attempt } = limitFailures(1, () => {}, inMemoryState(newMemory(() => now)))
  const refuse = () => Promise.reject(unauthenticated())
  expect(await reasonOf(attempt('a', refuse))).toBe('unauthenticated')
  expect(await reasonOf(attempt('a', refuse))).toBe('rate_limited')
  now = 60_001
  expect(await reasonOf(attempt('a', refuse))).toBe('unauthenticated')
})

describeApi('wrong credentials from one address', (api) => {
  test('stop being read, while proven ones go on', async () => {
    const queries: string[] = []
    const { credentials, db } = api.anotherProcess()
    const listen = ({ sql }: { sql: string }) => queries.push(sql)
    const from = (address: string, credential: string) =>
      credentials.authenticate({ authorization: `Bearer ${credential}`, address })
    const { apiKey: proven, caller } = await api.member()
    const { key: unproven } = await caller.apiKeys.create({ name: 'unproven' })
    await from('192.0.2.1', proven)
    const wrongChecksum = `${newApiKey().slice(0, -8)}00000000`
    db.on('query', listen)
    try {
      expect(await reasonOf(from('192.0.2.1', wrongChecksum))).toBe('unauthenticated')
      expect(await reasonOf(from('192.0.2.1', 'x'.repeat(9_000)))).toBe('unauthenticated')
      expect(queries).toEqual([])
      for (let number = 2; number < 30; number += 1) {
        expect(await reasonOf(from('192.0.2.1', newApiKey()))).toBe('unauthenticated')
      }
      queries.length = 0
      for (const credential of [newApiKey(), unproven, wrongChecksum]) {
        expect(await reasonOf(from('192.0.2.1', credential))).toBe('rate_limited')
      }
      expect(queries).toEqual([])
      expect(await reasonOf(from('192.0.2.1', proven))).toBe('ok')
      expect(await reasonOf(from('192.0.2.2', unproven))).toBe('ok')
      expect(await reasonOf(from('192.0.2.1', unproven))).toBe('ok')
    } finally {
      db.off('query', listen)
    }
  })
})
