import { breakingProxy, testDatabases } from '@mgx/db/testing'
import { startTestServer } from '@mgx/server/testing'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, TRPCClientError } from '@trpc/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NodeEventSource } from './testing/event-source.js'
import type { AppRouter } from './trpc.js'

describe.each(testDatabases)('a tRPC client of one’s own on $name', ({ url }) => {
  let server: Awaited<ReturnType<typeof startTestServer>>
  const clientOf = (apiKey: string) =>
    createTRPCClient<AppRouter>({
      links: [
        httpBatchLink({
          url: `${server.url}/trpc`,
          headers: { authorization: `Bearer ${apiKey}` },
          methodOverride: 'POST',
        }),
      ],
    })

  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await url() })
  })
  afterAll(() => server.close())

  test('calls in batches, with the types of the router', async () => {
    const trpc = clientOf(server.adminApiKey)
    const names = ['a', 'b', 'c']
    const projects = await Promise.all(names.map((name) => trpc.projects.create.mutate({ name, idea: name })))
    expect(projects.map(({ name }) => name)).toEqual(names)
    expect((await trpc.users.me.query()).role).toBe('admin')
  })

  test('subscribes, and goes on after the last event when its connection breaks', async () => {
    const proxy = await breakingProxy(server.url)
    const headers = { authorization: `Bearer ${server.adminApiKey}` }
    const streaming = createTRPCClient<AppRouter>({
      links: [
        httpSubscriptionLink({
          url: `${proxy.url}/trpc`,
          EventSource: NodeEventSource,
          eventSourceOptions: { headers },
        }),
      ],
    })
    const trpc = clientOf(server.adminApiKey)
    const { id: projectId } = await trpc.projects.create.mutate({ name: 'a', idea: 'b' })
    const record = { projectId, model: 'm', promptTokens: 1, completionTokens: 1, totalCost: '0.001' }
    const seen: number[] = []
    const subscription = streaming.costs.watch.subscribe(
      { projectId, lastEventId: '0' },
      {
        onData: ({ id, data }) => {
          expect(id).toBe(String(data.record.id))
          seen.push(data.record.id)
        },
      },
    )
    const written: number[] = []
    for (let step = 0; step < 30; step += 1) {
      written.push((await trpc.costs.record.mutate(record)).record.id)
      if (step % 10 === 5) {
        await expect.poll(() => seen.length).toBeGreaterThan(step - 3)
        proxy.cut()
      }
    }
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual(written)
    expect(proxy.connections).toBeGreaterThan(3)
    subscription.unsubscribe()
    await proxy.close()
  })

  test('reads the reason of a refusal', async () => {
    const failure = await clientOf('mgx_key_wrong')
      .users.me.query()
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TRPCClientError)
    const { data } = failure as TRPCClientError<AppRouter>
    expect(data).toMatchObject({ reason: 'unauthenticated', httpStatus: 401, path: 'users.me' })
    expect(data?.requestId).toMatch(/./)
  })
})
