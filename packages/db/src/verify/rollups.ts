import type { Dialect } from '../dialect/dialect.js'
import { MAX_TOKENS } from '../ledger/rollups.js'
import { type Check, checkOf } from './comparison.js'
import { count, usd } from './drift.js'

type Key = { project: number; day: string; model: string; canonical: string; action: string }

/** A rollup equals the sum of the records of its day, project, model (as named and canonical) and action. */
export function rollupSums({ dayOf }: Dialect): Check {
  return checkOf<Key>({
    by: 'projects',
    keys: ['project', 'day', 'model', 'canonical', 'action'],
    figures: [
      count('records', 'records'),
      count('prompt_tokens', 'promptTokens', MAX_TOKENS),
      count('completion_tokens', 'completionTokens', MAX_TOKENS),
      usd('total_cost', 'totalCost'),
      usd('estimated_cost', 'estimatedCost'),
    ],
    kept: `SELECT project_id AS project, day, model, canonical_model AS canonical, action_type AS action, records,
        prompt_tokens, completion_tokens, total_cost, estimated_cost FROM cost_rollups WHERE project_id > ? AND project_id <= ?`,
    summed: [
      `SELECT project_id AS project, ${dayOf('created_at')} AS day, model, COALESCE(canonical_model, '') AS canonical,
        COALESCE(action_type, '') AS action, 1 AS records, prompt_tokens, completion_tokens, total_cost,
        CASE usage_source WHEN 'estimated' THEN total_cost ELSE 0 END AS estimated_cost
        FROM cost_records WHERE project_id > ? AND project_id <= ?`,
    ],
    // Quoted as JSON, so that text from callers cannot break the line.
    subject: ({ project, day, model, action }) =>
      `rollup of project ${project}, ${day}, ${JSON.stringify(model)}, ${action === '' ? 'no action' : JSON.stringify(action)}`,
  })
}
