import type { Call } from '../calls.js'
import { nanoOf } from '../calls.js'
import type { Account } from '../world.js'

/** As long as the product's content hash. */
const REQUEST_HASH = 'x'.repeat(43)

/** The columns of a cost record that the product fills, in the order of {@link recordOf}. */
export const recordColumns = [
  'user_id',
  'project_id',
  'model',
  'prompt_tokens',
  'completion_tokens',
  'cached_prompt_tokens',
  'total_cost',
  'action_type',
  'price_source',
  'idempotency_key',
  'request_hash',
  'budget_limit',
  'budget_spent',
  'budget_reserved',
]

/** Returns a row of `cost_records` as the product writes it; `standing` is what is spent after it, in nano-USD. */
export function recordOf(call: Call, { projectId, userId }: Account, standing: number): (string | number)[] {
  const { model, promptTokens, completionTokens, actionType, idempotencyKey } = call
  return [
    userId,
    projectId,
    model,
    promptTokens,
    completionTokens,
    0,
    nanoOf(call),
    actionType,
    'caller',
    idempotencyKey,
    REQUEST_HASH,
    standing,
    standing,
    0,
  ]
}

export const rollupColumns = [
  'day',
  'user_id',
  'project_id',
  'model',
  'action_type',
  'records',
  'prompt_tokens',
  'completion_tokens',
  'total_cost',
]

/** SQL suffix for an insert into `cost_rollups`: adds to an existing row. */
export const addToRollup = `ON CONFLICT (project_id, day, model, action_type, canonical_model) DO UPDATE SET ${rollupColumns
  .slice(5)
  .map((name) => `${name} = cost_rollups.${name} + excluded.${name}`)
  .join(', ')}`

/** Returns the rollup rows of these calls, with cells in the order of {@link rollupColumns}. */
export function rollupsOf(calls: readonly Call[], { projectId, userId }: Account): (string | number)[][] {
  const day = new Date().toISOString().slice(0, 10)
  const rollups = new Map<string, { model: string; actionType: string; sums: [number, number, number, number] }>()
  for (const call of calls) {
    const { model, actionType, promptTokens, completionTokens } = call
    const key = `${model} ${actionType}`
    const rollup = rollups.get(key) ?? { model, actionType, sums: [0, 0, 0, 0] }
    rollups.set(key, rollup)
    rollup.sums[0] += 1
    rollup.sums[1] += promptTokens
    rollup.sums[2] += completionTokens
    rollup.sums[3] += nanoOf(call)
  }
  return [...rollups.values()].map(({ model, actionType, sums }) => [
    day,
    userId,
    projectId,
    model,
    actionType,
    ...sums,
  ])
}
