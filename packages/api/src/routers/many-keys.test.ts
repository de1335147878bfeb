import { testDatabases } from '@mgx/db/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { testApi } from '../testing/callers.js'

describe.each(testDatabases)('on $name', (database) => {
  test("one user's API keys, made by the dozen, are bounded and do not stand before another user's", async () => {
    const api = await testApi(database)
    onTestFinished(api.close)
    const [busy, other] = [await api.member(), await api.member()]
    await Promise.all([busy.caller.users.me(), other.caller.users.me()])
    const order: string[] = []
    const making = Array.from({ length: 40 }, (_, index) =>
      busy.caller.apiKeys.create({ name: `key ${index}` }).then((made) => {
        order.push('busy')
        return made
      }),
    )
    const neighbour = other.caller.apiKeys.create({ name: 'one' }).then(() => order.push('other'))
    const answers = await Promise.allSettled(making)
    await neighbour
    const made = answers.filter(({ status }) => status === 'fulfilled')
    const limited = { cause: { reason: 'rate_limited', details: { retryAfterSeconds: 1 } } }
    for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toMatchObject(limited)
    expect(made.length).toBeGreaterThan(0)
    expect(made.length).toBeLessThan(40)
    expect(order.indexOf('other')).toBeLessThan(made.length - 1)
    const { items } = await busy.caller.apiKeys.list({ limit: 200 })
    expect(items).toHaveLength(1 + made.length)
  })
})
