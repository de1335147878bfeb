import type { AppRouter } from '@mgx/client/trpc'
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'

const trpc = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: 'http://127.0.0.1:1/trpc' })] })

export type Project = inferRouterOutputs<AppRouter>['projects']['create']
export const input: inferRouterInputs<AppRouter>['projects']['create'] = { name: 'a', idea: 'b', investment: 3 }
export const create = (): Promise<Project> => trpc.projects.create.mutate(input)
export const me = async (): Promise<string> => (await trpc.users.me.query()).username

export function reasonOf(error: unknown): string | undefined {
  return error instanceof TRPCClientError ? (error as TRPCClientError<AppRouter>).data?.reason : undefined
}

// @ts-expect-error the idea is missing
export const missingField = () => trpc.projects.create.mutate({ name: 'a' })
