import { MAX_SEARCHED_ROWS, type Page, type PageInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from './dialect/dialect.js'
import { cursorAfter, type EntityOf, firstRows, idsBelow, type Listed, type Listing, toEntities } from './page.js'

/**
 * Returns the id of the last row that a search may look through, of the rows that `all` selects, newest first;
 * undefined when it may look through the rest of them. Reads ids only, from the index that lists the rows.
 */
export async function searchFloor(
  all: Knex.QueryBuilder,
  page: Pick<PageInput, 'cursor'>,
): Promise<number | undefined> {
  const ids = all.select('id').where('id', '<', idsBelow(page)).orderBy('id', 'desc')
  const [last]: { id: number }[] = await ids.offset(MAX_SEARCHED_ROWS - 1).limit(1)
  return last?.id
}

/**
 * Returns a page of the rows that `found` selects from those of `all`, newest first. It looks through a bounded number
 * of rows, so it can be short, or empty, although more follow.
 */
export async function searchPage<Row extends Listed>(
  all: Knex.QueryBuilder,
  found: Listing & PromiseLike<Row[]>,
  input: PageInput,
): Promise<Page<EntityOf<Row>>> {
  const floor = await searchFloor(all, input)
  if (floor !== undefined) found.where('id', '>=', floor)
  const page = toEntities(await firstRows(found, input), input)
  return floor !== undefined && page.nextCursor === null ? { ...page, nextCursor: cursorAfter(floor) } : page
}

type Searchable = { whereRaw(sql: string, bindings: readonly string[]): unknown }

/** Narrows a query to the rows in which one of these columns contains one of these texts, ignoring the case of A to Z. */
export function whereContains<Query extends Searchable>(
  db: Knex,
  query: Query,
  columns: readonly string[],
  texts: readonly string[],
): Query {
  const { like } = dialectOf(db)
  const patterns = texts.map((text) => `%${text.replaceAll(/[!%_]/g, '!$&')}%`)
  const terms = columns.flatMap((column) => patterns.map(() => like(column)))
  query.whereRaw(
    `(${terms.join(' OR ')})`,
    columns.flatMap(() => patterns),
  )
  return query
}

/**
 * Returns the spellings in which a text is searched for. Databases ignore the case of A to Z alone, so a text with
 * letters of other alphabets is also searched for in small letters, in capitals, and with one capital at its start.
 */
export function spellings(text: string): string[] {
  if (/^[\x20-\x7e]*$/.test(text)) return [text]
  const [first = '', ...rest] = text
  const capitalized = first.toUpperCase() + rest.join('').toLowerCase()
  return [...new Set([text, text.toLowerCase(), text.toUpperCase(), capitalized])]
}
