import type { Knex } from 'knex'
import { type Columns, sourceOf } from '../dialect/columns.js'
import type { Statement } from '../dialect/dialect.js'
import type { Charge } from './core/books.js'

/** The sums of one day, project, model (as named and canonical) and action. Tokens are counts, the cost is in nano-USD. */
type Rollup = {
  day: string
  userId: number
  projectId: number
  model: string
  canonicalModel: string
  actionType: string
  records: number
  promptTokens: number
  completionTokens: number
  totalCost: bigint
  estimatedCost: bigint
}

const rollupColumns: Columns<Rollup> = {
  day: ['day', ({ day }) => day],
  user_id: ['integer', ({ userId }) => userId],
  project_id: ['integer', ({ projectId }) => projectId],
  model: ['text', ({ model }) => model],
  canonical_model: ['text', ({ canonicalModel }) => canonicalModel],
  action_type: ['text', ({ actionType }) => actionType],
  records: ['integer', ({ records }) => records],
  prompt_tokens: ['integer', ({ promptTokens }) => promptTokens],
  completion_tokens: ['integer', ({ completionTokens }) => completionTokens],
  // As digits, because one group may add up past 2^53, where a number is no longer exact.
  total_cost: ['integer', ({ totalCost }) => totalCost.toString()],
  estimated_cost: ['integer', ({ estimatedCost }) => estimatedCost.toString()],
}

/** Token sums are capped here, where JSON numbers stop being exact, because a cost must be written all the same. */
export const MAX_TOKENS = Number.MAX_SAFE_INTEGER

/** Returns the statement that adds charges to their rollups; undefined when there are none. */
export function addToRollups(trx: Knex.Transaction, charges: readonly Charge[]): Statement | undefined {
  if (charges.length === 0) return undefined
  const source = sourceOf(trx, 'rollup', rollupColumns, sumUp(charges))
  const names = Object.keys(rollupColumns).join(', ')
  const tokens = (name: string) =>
    `${name} = CASE WHEN cost_rollups.${name} > ${MAX_TOKENS} - excluded.${name} THEN ${MAX_TOKENS}
      ELSE cost_rollups.${name} + excluded.${name} END`
  return {
    // Sorted, so that all servers lock the rows in the same order. SQLite's grammar needs the WHERE true.
    sql: `INSERT INTO cost_rollups (${names}) SELECT ${names} FROM ${source.sql} WHERE true
      ORDER BY project_id, day, model, action_type, canonical_model
      ON CONFLICT (project_id, day, model, action_type, canonical_model) DO UPDATE SET
        records = cost_rollups.records + excluded.records,
        total_cost = cost_rollups.total_cost + excluded.total_cost,
        estimated_cost = cost_rollups.estimated_cost + excluded.estimated_cost,
        ${tokens('prompt_tokens')}, ${tokens('completion_tokens')}`,
    bindings: source.bindings,
  }
}

const NOTHING = { records: 0, promptTokens: 0, completionTokens: 0, totalCost: 0n, estimatedCost: 0n }

function sumUp(charges: readonly Charge[]): Rollup[] {
  const rollups = new Map<string, Rollup>()
  for (const { userId, projectId, usage, price, createdAt } of charges) {
    const { model, promptTokens, completionTokens } = usage
    const day = createdAt.slice(0, 10)
    const actionType = usage.actionType ?? ''
    const canonicalModel = price.canonicalModel ?? ''
    // The lengths separate the texts, so that no two rollups share a key.
    const key = `${projectId} ${day} ${model.length} ${canonicalModel.length} ${model}${canonicalModel}${actionType}`
    const sum = rollups.get(key) ?? { day, userId, projectId, model, canonicalModel, actionType, ...NOTHING }
    sum.records += 1
    sum.promptTokens = Math.min(sum.promptTokens + promptTokens, MAX_TOKENS)
    sum.completionTokens = Math.min(sum.completionTokens + completionTokens, MAX_TOKENS)
    sum.totalCost += price.amount
    if (usage.usageSource === 'estimated') sum.estimatedCost += price.amount
    rollups.set(key, sum)
  }
  return [...rollups.values()]
}
