import { invalidField, type Page, type PageInput } from '@mgx/contract'

/**
 * The id that the rows of a page lie below: listings are newest (highest id) first, so rows added meanwhile do not move them.
 * @throws DomainError `invalid_input` for a cursor that is not one.
 */
export function idsBelow({ cursor }: PageInput): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER
  const id = Number(/^id:(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1])
  if (!Number.isSafeInteger(id)) throw invalidField('cursor', 'must be the nextCursor of a page')
  return id
}

/** The page in `rows`, which were asked for with one more than `limit` to see whether another follows. */
export function toPage<Row>(rows: Row[], { limit }: PageInput, idOf: (row: Row) => number): Page<Row> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? encodeCursor(idOf(last)) : null }
}

/** Wrapped so that nobody builds on its form. */
function encodeCursor(id: number): string {
  return Buffer.from(`id:${id}`).toString('base64url')
}
