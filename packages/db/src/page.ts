import { invalidField, type Page, type PageInput } from '@mgx/contract'

/** A query builder of Knex or Objection. */
type Listing = {
  where(column: string, operator: '<', id: number): unknown
  orderBy(column: string, direction: 'desc'): unknown
  limit(rows: number): unknown
}

/** Returns a page of the rows that `query` selects, newest (highest id) first. @throws as `firstRows`. */
export async function page<Row extends { id: number; toEntity(): unknown }>(
  query: Listing & PromiseLike<Row[]>,
  input: PageInput,
): Promise<Page<ReturnType<Row['toEntity']>>> {
  const rows = await firstRows(query, input)
  const { items, nextCursor } = toPage(rows, input, ({ id }) => id)
  return { items: items.map((row) => row.toEntity() as ReturnType<Row['toEntity']>), nextCursor }
}

/**
 * Limits a query to the rows of a page, plus one that shows whether another page follows. Rows added meanwhile have
 * higher ids, so they do not shift the pages.
 * @throws DomainError `invalid_input` for an invalid cursor.
 */
export function firstRows<Query extends Listing>(query: Query, input: PageInput): Query {
  query.where('id', '<', idsBelow(input))
  query.orderBy('id', 'desc')
  query.limit(input.limit + 1)
  return query
}

/** Turns the rows of a `firstRows` query into a page. */
export function toPage<Row>(rows: Row[], { limit }: PageInput, idOf: (row: Row) => number): Page<Row> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? encodeCursor(idOf(last)) : null }
}

function idsBelow({ cursor }: PageInput): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER
  const id = Number(/^id:(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1])
  if (!Number.isSafeInteger(id)) throw invalidField('cursor', 'must be the nextCursor of a page')
  return id
}

/** Encodes the cursor, so that callers treat it as opaque. */
function encodeCursor(id: number): string {
  return Buffer.from(`id:${id}`).toString('base64url')
}
