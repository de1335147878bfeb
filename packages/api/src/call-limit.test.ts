import { expect, test } from 'vitest'
import { createContext } from './context.js'
import { appRouter } from './root.js'
import { type Caller, callerOf, describeApi, expectRefusal } from './testing/callers.js'

describeApi('calls of one credential', (api) => {
  /** Makes calls with a credential until one is refused, at most 50; returns how many were not. */
  async function allowed(caller: Caller): Promise<number> {
    for (let number = 0; number < 50; number += 1) {
      const refused = await caller.projects.list({}).then(
        () => undefined,
        (error: { cause?: { reason: string } }) => error.cause?.reason,
      )
      if (refused) return refused === 'rate_limited' ? number : -1
    }
    return 50
  }

  test('have no limit unless one is set', async () => {
    expect(await allowed((await api.member()).caller)).toBe(50)
  })

  test('are limited by the minute, for the key and what hangs on it together', async () => {
    const services = api.anotherProcess(undefined, { calls: 8 })
    const { apiKey, caller } = await api.member()
    const { token } = await caller.sessions.create({})
    const context = createContext(services, { authorization: `Bearer ${apiKey}`, address: null, requestId: 'r' })
    await appRouter.createCaller(() => context).projects.list({})
    expect(context.answerHeaders).toMatchObject({
      'ratelimit-policy': '"calls";q=8;w=60',
      ratelimit: expect.stringMatching(/^"calls";r=7;t=(60|59)$/),
    })
    await callerOf(services, token).projects.list({})
    expect(await allowed(callerOf(services, apiKey))).toBe(6)
    await expectRefusal(callerOf(services, token).projects.list({}), 'rate_limited', /8 calls a minute/)
    expect(await allowed(callerOf(services, (await api.member()).apiKey))).toBe(8)
  })

  test('may have a limit of their own', async () => {
    const services = api.anotherProcess(undefined, { calls: 8 })
    const { id: userId, caller } = await api.member()
    const [less, more] = [
      await caller.apiKeys.create({ name: 'less', callsPerMinute: 3 }),
      await api.admin.apiKeys.create({ name: 'more', callsPerMinute: 12, userId }),
    ]
    expect(less.apiKey.callsPerMinute).toBe(3)
    expect(await allowed(callerOf(services, less.key))).toBe(3)
    expect(await allowed(callerOf(services, more.key))).toBe(12)
    expect(await allowed(callerOf(api.anotherProcess(), less.key))).toBe(3)
  })

  test('are not raised by keys that a limited caller creates', async () => {
    const services = api.anotherProcess(undefined, { calls: 8 })
    const { apiKey, caller } = await api.member()
    await expectRefusal(callerOf(services, apiKey).apiKeys.create({ name: 'x', callsPerMinute: 9 }), 'forbidden')
    const { key } = await caller.apiKeys.create({ name: 'limited', callsPerMinute: 5 })
    const limited = api.as(key)
    await expectRefusal(limited.apiKeys.create({ name: 'x', callsPerMinute: 6 }), 'forbidden', /at most/)
    expect((await limited.apiKeys.create({ name: 'x' })).apiKey.callsPerMinute).toBe(5)
    expect((await limited.apiKeys.create({ name: 'x', callsPerMinute: 2 })).apiKey.callsPerMinute).toBe(2)
  })

  test('count when they are refused too', async () => {
    const services = api.anotherProcess(undefined, { calls: 3 })
    const { caller } = await api.member()
    const { key } = await caller.apiKeys.create({ name: 'reader', scopes: ['read'] })
    const reader = callerOf(services, key)
    for (let call = 0; call < 3; call += 1) {
      await expectRefusal(reader.projects.create({ name: 'n', idea: 'i' }), 'forbidden')
    }
    await expectRefusal(reader.projects.list({}), 'rate_limited')
  })
})
