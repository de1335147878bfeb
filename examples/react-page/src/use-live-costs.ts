import type { Budget, CostRecord } from '@mgx/client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { trpc } from './trpc.js'

const SHOWN = 20

/** The newest costs of a project, and its budget: read once, then kept up to date by `costs.watch`. */
export type LiveCosts = { records: CostRecord[]; budget: Budget }

export function useLiveCosts(projectId: number) {
  const queryClient = useQueryClient()
  const [watchError, setWatchError] = useState<Error | null>(null)
  const query = useQuery({
    queryKey: ['costs', projectId],
    queryFn: () => readCosts(projectId),
    staleTime: Number.POSITIVE_INFINITY,
  })

  useEffect(() => {
    const queryKey = ['costs', projectId]
    const read = query.isSuccess ? queryClient.getQueryData<LiveCosts>(queryKey) : undefined
    if (!read) return
    setWatchError(null)
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
  }, [queryClient, projectId, query.isSuccess])

  return { costs: query.data, error: query.error ?? watchError }
}

async function readCosts(projectId: number): Promise<LiveCosts> {
  const [{ items }, budget] = await Promise.all([
    trpc.costs.list.query({ projectId, limit: SHOWN }),
    trpc.budgets.get.query({ projectId }),
  ])
  return { records: items, budget }
}
