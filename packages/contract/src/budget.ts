import { z } from 'zod'
import { id, usd } from './fields.js'

export const Budget = z
  .object({
    projectId: id,
    limit: usd.describe('USD; the investment of the project.'),
    spent: usd.describe('USD; the sum of the cost records.'),
    reserved: usd.describe('USD; held by open reservations.'),
    remaining: usd.describe('USD; limit - spent - reserved, never below zero.'),
    exceeded: z.boolean().describe('True when spent exceeds the limit.'),
  })
  .meta({ id: 'Budget' })
export const BudgetInput = z.strictObject({ projectId: id })
export type Budget = z.infer<typeof Budget>
