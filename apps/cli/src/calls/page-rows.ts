import type { MgxClient, Page } from '@mgx/client'
import { procedureOf } from '../contract/document.js'
import { inputFields } from '../contract/input-fields.js'
import { usageError } from '../exit-code.js'
import { methodOf } from './method-of.js'

/** How many rows a list prints unless it is told otherwise. */
const ROWS = 50

/** A list on its way: its rows, and after the last one where the next ones begin, null when there are none. */
export type Listing = { rows: AsyncIterable<object>; next: () => string | null }

/** Returns up to this many rows of a list, a page at a time, so that any number of them fits in memory. */
export function listRows(client: MgxClient, procedure: string, input: Record<string, unknown>, most: number): Listing {
  const list = methodOf(client, procedure)
  const limit = inputFields(procedureOf(procedure)).find(({ name }) => name === 'limit')
  const pageSize = limit?.schema.maximum ?? ROWS
  let cursor = (input.cursor as string | undefined) ?? null
  async function* rows(): AsyncGenerator<object> {
    for (let left = most; left > 0; ) {
      const asked = { ...input, limit: Math.min(pageSize, left), ...(cursor !== null && { cursor }) }
      const page = (await list(asked)) as Page<object>
      yield* page.items
      left -= page.items.length
      cursor = page.nextCursor
      if (cursor === null) return
    }
  }
  return { rows: rows(), next: () => cursor }
}

/** Returns how many rows `--limit` and `--all` ask for. @throws CommandError for a limit that is no number above zero. */
export function rowsAsked({ limit, all }: Readonly<Record<string, unknown>>): number {
  if (all === true) return Number.POSITIVE_INFINITY
  if (limit === undefined) return ROWS
  const count = Number(limit)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw usageError(`--limit must be a whole number above 0, not ${JSON.stringify(limit)}`)
}
