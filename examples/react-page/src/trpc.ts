import type { AppRouter } from '@mgx/client/trpc'
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client'

/** The procedures of the server, with the types of its router, at the origin of the page. */
export const trpc = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ type }) => type === 'subscription',
      true: httpSubscriptionLink({ url: '/trpc' }),
      false: httpBatchLink({ url: '/trpc', methodOverride: 'POST' }),
    }),
  ],
})
