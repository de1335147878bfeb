import { formatUsd, type Page, type Spend, type SpendGroup, type SpendInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf, readSum } from '../dialect/dialect.js'
import { MAX_TOKENS } from '../ledger/rollups.js'
import { narrow, type Scope } from '../scope.js'
import { readSpendCursor, type SpendKey, spendCursor } from './spend-cursor.js'

type Sum = 'records' | 'promptTokens' | 'completionTokens' | 'totalCost' | 'estimatedCost'

/** Rollups store '' for no action or canonical model, because unique keys treat nulls as distinct. */
type Row = Pick<Spend, SpendKey> & Record<Sum, string>

const keyOf: Record<SpendGroup, SpendKey> = {
  day: 'day',
  user: 'userId',
  project: 'projectId',
  model: 'model',
  canonicalModel: 'canonicalModel',
  actionType: 'actionType',
}

/**
 * Returns a page of the sums of the rollups in scope, one row for each combination of the groups, in ascending order.
 * Never reads cost records. Text in rollups is ordered by code point, so both databases return the same pages.
 * @throws DomainError `invalid_input` for an invalid cursor, or one of other groups.
 */
export async function spend(db: Knex, scope: Scope, input: SpendInput): Promise<Page<Spend>> {
  const { from, to, userId, projectId, limit, cursor } = input
  const keys = input.groupBy.map((group) => keyOf[group])
  const query = db('cost_rollups')
    .select(keys)
    .select(
      ['records', 'prompt_tokens', 'completion_tokens', 'total_cost', 'estimated_cost'].map((sum) =>
        db.raw(`${dialectOf(db).exactSum(sum)} AS ${sum}`),
      ),
    )
    .groupBy(keys)
    .orderBy(keys)
    .limit(limit + 1)
  narrow(query, scope, { userId: 'userId', projectId: 'projectId' })
  if (userId !== undefined) query.where({ userId })
  if (projectId !== undefined) query.where({ projectId })
  if (from !== undefined) query.where('day', '>=', from)
  if (to !== undefined) query.where('day', '<', to)
  if (cursor !== undefined) {
    const last = readSpendCursor(cursor, keys).map((value) => value ?? '')
    const placeholders = (sign: string) => keys.map(() => sign).join(', ')
    query.whereRaw(`(${placeholders('??')}) > (${placeholders('?')})`, [...keys, ...last])
  }
  const rows: Row[] = await query
  const items = rows.slice(0, limit).map(toSpend)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? spendCursor(last, keys) : null }
}

function toSpend({ records, promptTokens, completionTokens, totalCost, estimatedCost, ...groups }: Row): Spend {
  return {
    ...groups,
    ...(groups.actionType === '' && { actionType: null }),
    ...(groups.canonicalModel === '' && { canonicalModel: null }),
    records: Number(readSum(records)),
    promptTokens: tokenSum(promptTokens),
    completionTokens: tokenSum(completionTokens),
    totalCost: formatUsd(readSum(totalCost)),
    estimatedCost: formatUsd(readSum(estimatedCost)),
  }
}

/** Caps a sum where the rollups themselves are capped. */
function tokenSum(text: string): number {
  return Math.min(Number(readSum(text)), MAX_TOKENS)
}
