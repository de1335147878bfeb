import { invalidField, type Page, type PageInput } from '@mgx/contract'
import type { Knex } from 'knex'

/** A query builder of Knex or Objection. */
export type Listing = {
  where(column: string, operator: '<' | '>=', id: number): unknown
  orderBy(column: string, direction: 'desc'): unknown
  limit(rows: number): unknown
}

export type Listed = { id: number; toEntity(): unknown }
export type EntityOf<Row extends Listed> = ReturnType<Row['toEntity']>

/** Returns a page of the rows that `query` selects, newest (highest id) first. @throws as `firstRows`. */
export async function page<Row extends Listed>(
  query: Listing & PromiseLike<Row[]>,
  input: PageInput,
): Promise<Page<EntityOf<Row>>> {
  return toEntities(await firstRows(query, input), input)
}

/** Turns the rows of a `firstRows` or `firstOfAll` query into a page of entities. */
export function toEntities<Row extends Listed>(rows: Row[], input: PageInput): Page<EntityOf<Row>> {
  const { items, nextCursor } = toPage(rows, input, ({ id }) => id)
  return { items: items.map((row) => row.toEntity() as EntityOf<Row>), nextCursor }
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

/**
 * Limits several queries of the same columns to the rows of a page of all of them together, as `firstRows` does. Each
 * is read in its own order, from an index that serves it, and no further than the page needs.
 */
export function firstOfAll(db: Knex, queries: readonly Knex.QueryBuilder[], input: PageInput): Knex.QueryBuilder {
  const parts = queries.map((query, index) => db.select().from(firstRows(query, input).as(`part_${index}`)))
  return firstRows(db.select().from(db.unionAll(parts).as('newest')), input)
}

/** Turns the rows of a `firstRows` query into a page. */
export function toPage<Row>(rows: Row[], { limit }: PageInput, idOf: (row: Row) => number): Page<Row> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? cursorAfter(idOf(last)) : null }
}

/** Returns the id below which a page begins. @throws DomainError `invalid_input` for an invalid cursor. */
export function idsBelow({ cursor }: Pick<PageInput, 'cursor'>): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER
  const id = Number(/^id:(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1])
  if (!Number.isSafeInteger(id)) throw invalidField('cursor', 'must be the nextCursor of a page')
  return id
}

/** Returns the cursor of the page that follows a row, encoded so that callers treat it as opaque. */
export function cursorAfter(id: number): string {
  return Buffer.from(`id:${id}`).toString('base64url')
}
