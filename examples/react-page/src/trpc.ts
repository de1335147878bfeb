import type { AppRouter } from '@mgx/client/trpc'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client'

/** A tRPC client with the types of the server's router, which calls the origin of the page. */
export const trpc = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ type }) => type === 'subscription',
      true: httpSubscriptionLink({ url: '/trpc' }),
      false: httpBatchLink({ url: '/trpc', methodOverride: 'POST' }),
    }),
  ],
})
