import { invalidField, Spend } from '@mgx/contract'

/** A field that a spend report can be grouped by. */
export type SpendKey = 'day' | 'userId' | 'projectId' | 'model' | 'canonicalModel' | 'actionType'

/** Returns the cursor after a row: its group values, encoded so that callers treat it as opaque. */
export function spendCursor(last: Spend, keys: readonly SpendKey[]): string {
  return Buffer.from(JSON.stringify(keys.map((key) => [key, last[key]]))).toString('base64url')
}

/**
 * Returns the group values of the row that a page starts after, one for each of these keys.
 * @throws DomainError `invalid_input` for an invalid cursor, or one of other groups.
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
