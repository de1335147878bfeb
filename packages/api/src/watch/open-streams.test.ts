import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabases } from '@mgx/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '../authority/actor.js'
import { createContext } from '../context.js'
import { appRouter } from '../root.js'
import { expectRefusal, type TestApi, testApi } from '../testing/callers.js'
import {
  createOpenStreams,
  MAX_STREAMS,
  MAX_STREAMS_OF_KEY,
  MAX_STREAMS_OF_USER,
  type OpenStream,
} from './open-streams.js'

describe.each(testDatabases)('open streams on $name', (database) => {
  let api: TestApi
  let project: { id: number; userId: number }
  let caller: Actor
  let keyId: number
  const callerWith = (apiKeyId: number, userId = caller.userId): Actor => ({
    ...caller,
    userId,
    credential: { kind: 'apiKey', apiKeyId },
  })
  beforeAll(async () => {
    api = await testApi(database)
    project = await api.admin.projects.create({ name: 'Snake', idea: 'A game' })
    const { key, apiKey } = await api.admin.apiKeys.create({ name: 'watcher' })
    keyId = apiKey.id
    caller = await createContext(api.services, {
      authorization: `Bearer ${key}`,
      address: null,
      requestId: 'test',
    }).actor()
  })
  afterAll(() => api?.close())

  test('have a limit in total', { timeout: 120_000 }, async () => {
    const streams = createOpenStreams(api.services.db)
    const { db } = api.services
    const { id: _, ...key } = await db('api_keys').where({ id: keyId }).first()
    const keys = MAX_STREAMS / MAX_STREAMS_OF_KEY
    const ids: number[] = []
    for (let number = 0; number <= keys; number += 1) {
      const row = { ...key, scopes: JSON.stringify(key.scopes), lookup: `lookup-${number}` }
      const [{ id }] = await db('api_keys').insert(row).returning('id')
      ids.push(id)
    }
    const open: OpenStream[] = []
    const admins: number[] = []
    for (let number = 0; number * MAX_STREAMS_OF_USER < MAX_STREAMS + MAX_STREAMS_OF_USER; number += 1) {
      const boss = { username: `boss-${number}`, email: `boss-${number}@example.com`, role: 'admin' } as const
      admins.push((await api.admin.users.create(boss)).user.id)
    }
    for (const [index, apiKeyId] of ids.slice(0, keys).entries()) {
      const ofKey = Array.from({ length: MAX_STREAMS_OF_KEY }, () =>
        streams.open(callerWith(apiKeyId, admins[index % admins.length]), project, undefined),
      )
      open.push(...(await Promise.all(ofKey)))
    }
    const another = callerWith(ids.at(-1) ?? 0)
    const refused = await streams.open(another, project, undefined).catch((error: unknown) => error)
    expect(refused).toMatchObject({ reason: 'rate_limited', details: { limit: MAX_STREAMS } })
    open[7]?.close()
    open[7]?.close()
    open.push(await streams.open(another, project, undefined))
    await expect(streams.open(another, project, undefined)).rejects.toMatchObject({ reason: 'rate_limited' })
    // Checking the streams must not end any of them.
    await sleep(1_500)
    expect(open.filter(({ signal }) => signal.aborted)).toEqual([open[7]])
    streams.end()
    expect(open.filter(({ signal }) => !signal.aborted)).toEqual([])
    for (const stream of open) stream.close()
  })

  test('have a limit per user, with any number of keys', async () => {
    const streams = createOpenStreams(api.services.db)
    const keys: number[] = []
    // One after another, because a key takes a slow hash, and a call that waits too long for its turn is refused.
    while (keys.length <= MAX_STREAMS_OF_USER / MAX_STREAMS_OF_KEY) {
      keys.push((await api.admin.apiKeys.create({ name: 'another' })).apiKey.id)
    }
    const full = keys.slice(1).flatMap((id) => Array.from({ length: MAX_STREAMS_OF_KEY }, () => callerWith(id)))
    await Promise.all(full.map((each) => streams.open(each, project, undefined)))
    const refused = streams.open(callerWith(keys[0] ?? 0), project, undefined)
    await expect(refused).rejects.toMatchObject({ reason: 'rate_limited', details: { limit: MAX_STREAMS_OF_USER } })
    streams.end()
  })

  test('that are never read free their place when their client goes', async () => {
    const streams = createOpenStreams(api.services.db)
    for (let round = 0; round < 2 * MAX_STREAMS_OF_KEY; round += 1) {
      const gone = new AbortController()
      const opening = streams.open(caller, project, gone.signal)
      if (round % 2 === 0) await opening
      gone.abort()
      expect((await opening).signal.aborted).toBe(true)
    }
    const stream = await streams.open(caller, project, AbortSignal.abort())
    expect(stream.signal.aborted).toBe(true)
  })

  test('that are refused or fail to begin take no place', async () => {
    const streams = createOpenStreams(api.services.db)
    const unknown = callerWith(999_999)
    for (let round = 0; round <= MAX_STREAMS_OF_KEY; round += 1) {
      await expect(streams.open(unknown, project, undefined)).rejects.toMatchObject({ reason: 'unauthenticated' })
    }
    const stranger = await api.member()
    const [key] = (await stranger.caller.apiKeys.list({})).items
    const member: Actor = { ...callerWith(key?.id ?? 0), userId: stranger.id }
    for (let round = 0; round <= MAX_STREAMS_OF_KEY; round += 1) {
      await expect(streams.open(member, project, undefined)).rejects.toMatchObject({ reason: 'not_found' })
    }
  })

  test('free their place when the reader stops', async () => {
    const { key } = await api.admin.apiKeys.create({ name: 'leaver' })
    for (let round = 0; round < 2 * MAX_STREAMS_OF_KEY; round += 1) {
      const context = createContext(api.services, { authorization: `Bearer ${key}`, address: null, requestId: 'test' })
      const stream = await appRouter.createCaller(context).costs.watch({ projectId: project.id })
      const costs = stream[Symbol.asyncIterator]()
      const next = costs.next()
      await api.admin.costs.record({
        projectId: project.id,
        model: 'm',
        promptTokens: 1,
        completionTokens: 1,
        cachedPromptTokens: 0,
        totalCost: '0.01',
      })
      await next
      await costs.return?.()
    }
  })

  test('have a limit per API key, which includes its sessions', async () => {
    const { key } = await api.admin.apiKeys.create({ name: 'greedy' })
    const { token } = await api.as(key).sessions.create({})
    const watchAs = (credential: string) => api.as(credential).costs.watch({ projectId: project.id })
    for (let number = 0; number < MAX_STREAMS_OF_KEY; number += 1) await watchAs(number % 2 === 0 ? key : token)
    await expectRefusal(watchAs(key), 'rate_limited', /at most 20 open streams/)
    await expectRefusal(watchAs(token), 'rate_limited', /at most 20 open streams/)
  })
})
