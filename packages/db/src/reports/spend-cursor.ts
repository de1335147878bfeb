import { invalidField, Spend } from '@mgx/contract'

/** What the rows of a spend report can be grouped by. */
export type SpendKey = 'day' | 'userId' | 'projectId' | 'model' | 'actionType'

/** The place after a row: what it is grouped by, wrapped so that nobody builds on its form. */
export function spendCursor(last: Spend, keys: readonly SpendKey[]): string {
  return Buffer.from(JSON.stringify(keys.map((key) => [key, last[key]]))).toString('base64url')
}

/**
 * The values of the row that a page comes after, one for each of these keys.
 * @throws DomainError `invalid_input` for a cursor that is not one, or is one of other groups.
 */
export function readSpendCursor(cursor: string, keys: readonly SpendKey[]): (string | number | null)[] {
  const pairs = parse(cursor)
  if (!Array.isArray(pairs) || pairs.length !== keys.length) throw badCursor()
  return keys.map((key, index) => {
    const [name, value] = Array.isArray(pairs[index]) ? pairs[index] : []
    const parsed = Spend.shape[key].safeParse(value)
    if (name !== key || !parsed.success || parsed.data === undefined) throw badCursor()
    return parsed.data
  })
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

function badCursor(): Error {
  return invalidField('cursor', 'must be the nextCursor of a page with the same groupBy')
}
