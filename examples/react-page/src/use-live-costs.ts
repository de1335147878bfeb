import type { Budget, CostRecord } from '@mgx/client'
import type { AppRouter } from '@mgx/client/trpc'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { TRPCClientError } from '@trpc/client'
import { useEffect, useState } from 'react'
import { trpc } from './trpc.js'

const SHOWN = 20
const AGAIN_AFTER_MS = 2_000

/** The newest costs of a project, and its budget. */
export type LiveCosts = { records: CostRecord[]; budget: Budget }

/** Reads the costs once, then keeps them up to date with `costs.watch`, also across a restart of the server. */
export function useLiveCosts(projectId: number) {
  const queryClient = useQueryClient()
  const [watchError, setWatchError] = useState<TRPCClientError<AppRouter> | null>(null)
  const query = useQuery({
    queryKey: ['costs', projectId],
    queryFn: () => readCosts(projectId),
    staleTime: Number.POSITIVE_INFINITY,
  })

  useEffect(() => {
    const queryKey = ['costs', projectId]
    const read = query.isSuccess ? queryClient.getQueryData<LiveCosts>(queryKey) : undefined
    if (!read || watchError) return
    const subscription = trpc.costs.watch.subscribe(
      { projectId, lastEventId: read.records[0]?.id ?? 0 },
      {
        onData: ({ data: { record, budget } }) =>
          queryClient.setQueryData<LiveCosts>(queryKey, (before) => ({
            records: [record, ...(before?.records ?? [])].slice(0, SHOWN),
            budget,
          })),
        onError: setWatchError,
      },
    )
    return () => subscription.unsubscribe()
  }, [queryClient, projectId, query.isSuccess, watchError])

  // An error without data is no refusal: the server or the network is down, so the subscription is retried.
  const isDown = watchError !== null && !watchError.data
  useEffect(() => {
    if (!isDown) return
    const timer = setTimeout(() => setWatchError(null), AGAIN_AFTER_MS)
    return () => clearTimeout(timer)
  }, [isDown])

  return { costs: query.data, error: query.error ?? (isDown ? null : watchError), isDown }
}

async function readCosts(projectId: number): Promise<LiveCosts> {
  const [{ items }, budget] = await Promise.all([
    trpc.costs.list.query({ projectId, limit: SHOWN }),
    trpc.budgets.get.query({ projectId }),
  ])
  return { records: items, budget }
}
