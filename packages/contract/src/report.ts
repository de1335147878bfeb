import { z } from 'zod'
import { day, id, text, tokens, usd } from './fields.js'
import { pageInput } from './page.js'

export const ReportInput = z.strictObject(pageInput).prefault({})

export const ProjectSpend = z
  .object({ projectId: id, name: z.string(), records: z.int().min(0), totalCost: usd })
  .meta({ id: 'ProjectSpend' })
export type ProjectSpend = z.infer<typeof ProjectSpend>

export const UserSpend = z
  .object({ userId: id, username: z.string(), projectCount: z.int().min(0), totalSpent: usd })
  .meta({ id: 'UserSpend' })
export type UserSpend = z.infer<typeof UserSpend>

/** What spend can be grouped by. A day is a UTC day, the finest period of the report. */
export const SpendGroup = z.enum(['day', 'user', 'project', 'model', 'canonicalModel', 'actionType'])
export type SpendGroup = z.infer<typeof SpendGroup>

export const SpendInput = z.strictObject({
  groupBy: z
    .array(SpendGroup)
    .min(1)
    .max(SpendGroup.options.length)
    .refine((groups) => new Set(groups).size === groups.length, 'must not name a group twice')
    .meta({
      description: 'One row for each combination of these groups; rows are sorted by them in this order, ascending.',
      examples: [['day', 'model']],
    }),
  from: day.optional().describe('The first day, UTC, as YYYY-MM-DD.'),
  to: day.optional().describe('The day after the last one, UTC, as YYYY-MM-DD.'),
  projectId: id.optional(),
  userId: id.optional(),
  ...pageInput,
  // Longer than other cursors: it contains the groups of the last row, such as a model and an action type.
  cursor: z.string().max(4_000).optional().describe('`nextCursor` of the previous page, with the same `groupBy`.'),
})
export type SpendInput = z.infer<typeof SpendInput>

const tokenSum = tokens.describe('Tokens; a sum is capped at 2^53 - 1.')

/** The totals of the cost records in one group, adjustments included. */
export const Spend = z
  .object({
    day: day.optional().describe('UTC. This and the next five fields are present only if `groupBy` names them.'),
    userId: id.optional(),
    projectId: id.optional(),
    model: text(200).optional().describe('`adjustment` for adjustments.'),
    canonicalModel: text(200)
      .nullable()
      .optional()
      .describe('The model without date and gateway; null for records of models that no price rule knew.'),
    actionType: text(100).nullable().optional().describe('Null for records without one.'),
    records: z.int().min(0),
    promptTokens: tokenSum,
    completionTokens: tokenSum,
    totalCost: usd.describe('USD; negative where adjustments outweigh the costs.'),
    estimatedCost: usd.describe('USD; the part of the total that is for estimated tokens.'),
  })
  .meta({ id: 'Spend' })
export type Spend = z.infer<typeof Spend>
