import { usd } from '@mgx/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { trpc } from './trpc.js'

/** Lists the projects with their spending, newest first, page by page; refreshed every five seconds. */
export function Projects({ onSelect }: { onSelect: (projectId: number) => void }) {
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['projects'],
    queryFn: ({ pageParam }) => trpc.projects.list.query({ cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: 5_000,
  })
  if (!data) return error ? <p role="alert">{error.message}</p> : <p>Reading the projects …</p>
  const projects = data.pages.flatMap(({ items }) => items)
  return (
    <nav aria-label="Projects">
      <ul>
        {projects.map(({ id, name, status, totalCost, investment }) => (
          <li key={id}>
            <button type="button" onClick={() => onSelect(id)}>
              {name}
            </button>{' '}
            {status}, {usd.format(totalCost)} of {usd.format(investment)}
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <button type="button" onClick={() => void fetchNextPage()}>
          More
        </button>
      )}
    </nav>
  )
}
