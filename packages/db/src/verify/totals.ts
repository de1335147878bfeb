import { type Check, checkOf } from './comparison.js'
import { usd } from './drift.js'

const figures = [usd('total_cost', 'totalCost'), usd('reserved', 'reserved')]

/** A project's total is the sum of its cost records, its reserved amount the sum of its open holds. */
export const projectTotals: Check = checkOf<{ id: number }>({
  by: 'projects',
  keys: ['id'],
  figures,
  kept: 'SELECT id, total_cost, reserved FROM projects WHERE id > ? AND id <= ?',
  summed: [
    `SELECT project_id AS id, total_cost, 0 AS reserved FROM cost_records WHERE project_id > ? AND project_id <= ?`,
    `SELECT project_id AS id, 0 AS total_cost, amount AS reserved FROM reservations
      WHERE status = 'held' AND project_id > ? AND project_id <= ?`,
  ],
  subject: ({ id }) => `project ${id}`,
})

/** A user's figures are the sums of those of the user's projects. */
export const userTotals: Check = checkOf<{ id: number }>({
  by: 'users',
  keys: ['id'],
  figures,
  kept: 'SELECT id, total_cost, reserved FROM users WHERE id > ? AND id <= ?',
  summed: ['SELECT user_id AS id, total_cost, reserved FROM projects WHERE user_id > ? AND user_id <= ?'],
  subject: ({ id }) => `user ${id}`,
})
