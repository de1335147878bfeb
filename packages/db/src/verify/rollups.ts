import type { Dialect } from '../dialect/dialect.js'
import { MAX_TOKENS } from '../ledger/rollups.js'
import { type Check, checkOf } from './comparison.js'
import { count, usd } from './drift.js'

type Key = { project: number; day: string; model: string; action: string }

/** A rollup equals the sum of the records of its day, project, model and action. */
export function rollupSums({ dayOf }: Dialect): Check {
  return checkOf<Key>({
    by: 'projects',
    keys: ['project', 'day', 'model', 'action'],
    figures: [
      count('records', 'records'),
      count('prompt_tokens', 'promptTokens', MAX_TOKENS),
      count('completion_tokens', 'completionTokens', MAX_TOKENS),
      usd('total_cost', 'totalCost'),
    ],
    kept: `SELECT project_id AS project, day, model, action_type AS action, records, prompt_tokens, completion_tokens,
        total_cost FROM cost_rollups WHERE project_id > ? AND project_id <= ?`,
    summed: [
      `SELECT project_id AS project, ${dayOf('created_at')} AS day, model, COALESCE(action_type, '') AS action,
        1 AS records, prompt_tokens, completion_tokens, total_cost
        FROM cost_records WHERE project_id > ? AND project_id <= ?`,
    ],
    // Quoted as JSON, so that text from callers cannot break the line.
    subject: ({ project, day, model, action }) =>
      `rollup of project ${project}, ${day}, ${JSON.stringify(model)}, ${action === '' ? 'no action' : JSON.stringify(action)}`,
  })
}
