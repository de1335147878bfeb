import { dialectOf } from '@mgx/db'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Caller, testApi } from './testing/callers.js'

const cost = (projectId: number) => ({
  projectId,
  model: 'gpt-4o',
  promptTokens: 1,
  completionTokens: 1,
  totalCost: '0.0001',
})

/** Many calls that one user makes at once. */
type Flood = { name: string; calls: number; call(busy: Caller, projectId: number): Promise<unknown> }

const floods: Flood[] = [
  { name: 'apiKeys.create', calls: 40, call: (busy) => busy.apiKeys.create({ name: 'one of many' }) },
  { name: 'projects.create', calls: 200, call: (busy) => busy.projects.create({ name: 'n', idea: 'i' }) },
  { name: 'costs.record', calls: 2_000, call: (busy, projectId) => busy.costs.record(cost(projectId)) },
  {
    name: 'costs.recordMany',
    calls: 40,
    call: (busy, projectId) => busy.costs.recordMany({ records: Array(100).fill(cost(projectId)) }),
  },
  { name: 'reports.spend', calls: 200, call: (busy) => busy.reports.spend({ groupBy: ['day', 'model'] }) },
]

describe.each(testDatabases)('on $name', (database) => {
  test.each(floods)("a flood of $name from one user does not delay another user's calls", async (flood) => {
    const api = await testApi(database)
    onTestFinished(api.close)
    const [busy, other] = [(await api.member()).caller, (await api.member()).caller]
    const { id: busyProject } = await busy.projects.create({ name: 'busy', idea: 'i' })
    const { id: projectId } = await other.projects.create({ name: 'other', idea: 'i' })
    let answered = 0
    const calls = Array.from({ length: flood.calls }, async () => {
      await flood.call(busy, busyProject)
      answered += 1
    })
    const answeredBefore: number[] = []
    for (const call of [
      () => other.costs.record(cost(projectId)),
      () => other.projects.get({ id: projectId }),
      () => other.projects.create({ name: 'another', idea: 'i' }),
    ]) {
      await call()
      answeredBefore.push(answered)
    }
    await Promise.all(calls)
    expect(Math.max(...answeredBefore)).toBeLessThan(flood.calls / 2)
  })

  test('refuses too many calls of one user and serves those of others', async () => {
    const api = await testApi(database)
    onTestFinished(api.close)
    const [busy, other] = [(await api.member()).caller, (await api.member()).caller]
    await Promise.all([busy.users.me(), other.users.me()])
    const calls = Array.from({ length: 1_100 }, () => busy.projects.list({ limit: 1 }))
    const [answers, me] = await Promise.all([Promise.allSettled(calls), other.users.me()])
    expect(me.role).toBe('member')
    const refused = answers.filter((answer) => answer.status === 'rejected')
    expect(refused).toHaveLength(100 - dialectOf(api.services.db).callsPerUser)
    const limited = { cause: { reason: 'rate_limited', details: { retryAfterSeconds: 1 } } }
    for (const { reason } of refused) expect(reason).toMatchObject(limited)
    expect((await busy.projects.list({ limit: 1 })).items).toEqual([])
  })
})
