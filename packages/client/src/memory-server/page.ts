import { invalidField, type PageInput } from '@mgx/contract'
import type { Page } from '../generated/entities.js'

/**
 * The page of rows, newest first.
 * @throws DomainError `invalid_input` for a cursor that is not one.
 */
export function pageOf<Row>(rows: Iterable<Row>, page: PageInput, idOf: (row: Row) => number): Page<Row> {
  const below = idsBelow(page)
  const asked = [...rows].filter((row) => idOf(row) < below).sort((a, b) => idOf(b) - idOf(a))
  const items = asked.slice(0, page.limit)
  const last = items.at(-1)
  return { items, nextCursor: asked.length > items.length && last ? `id:${idOf(last)}` : null }
}

function idsBelow({ cursor }: PageInput): number {
  if (cursor === undefined) return Number.POSITIVE_INFINITY
  const id = /^id:(\d{1,16})$/.exec(cursor)?.[1]
  if (id === undefined) throw invalidField('cursor', 'must be the nextCursor of a page')
  return Number(id)
}
