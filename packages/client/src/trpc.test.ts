import { testDatabases } from '@mgx/db/testing'
import { startTestServer } from '@mgx/server/testing'
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
