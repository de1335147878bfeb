import { breakingProxy } from '@mgx/db/testing'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, TRPCClientError } from '@trpc/client'
import { expect, test } from 'vitest'
import { describeHttpServers } from './testing/describe-servers.js'
import { NodeEventSource } from './testing/event-source.js'
import type { AppRouter } from './trpc.js'

describeHttpServers('tRPC’s own client and a server', (server) => {
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

  test('calls in batches, with the types of the router', async () => {
    const trpc = clientOf(server.apiKey)
    const names = ['a', 'b', 'c']
    const projects = await Promise.all(names.map((name) => trpc.projects.create.mutate({ name, idea: name })))
    expect(projects.map(({ name }) => name)).toEqual(names)
    expect((await trpc.users.me.query()).role).toBe('admin')
  })

  test('subscribes, and resumes after the last event when the connection breaks', async () => {
    const proxy = await breakingProxy(server.url)
    const headers = { authorization: `Bearer ${server.apiKey}` }
    const streaming = createTRPCClient<AppRouter>({
      links: [
        httpSubscriptionLink({
          url: `${proxy.url}/trpc`,
          EventSource: NodeEventSource,
          eventSourceOptions: { headers },
        }),
      ],
    })
    const trpc = clientOf(server.apiKey)
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

  test('reads the reason of an error', async () => {
    const failure = await clientOf('mgx_key_wrong')
      .users.me.query()
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TRPCClientError)
    const { data } = failure as TRPCClientError<AppRouter>
    expect(data).toMatchObject({ reason: 'unauthenticated', httpStatus: 401, path: 'users.me' })
    expect(data?.requestId).toMatch(/./)
  })
})
