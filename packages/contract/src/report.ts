import { z } from 'zod'
import { Budget } from './budget.js'
import { day, id, namedOnce, text, tokens, usd } from './fields.js'
import { pageInput } from './page.js'
import { ProjectCounts } from './project.js'
import { LastVerification } from './verification.js'

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
    .refine(...namedOnce('group'))
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

const spent = {
  totalCost: usd.describe('USD; negative where adjustments outweigh the costs.'),
  records: z.int().min(0),
}

/** What was spent within some UTC days, and within as many days before. */
export const PeriodSpend = z
  .object({
    from: day.describe('The first day, UTC.'),
    to: day.describe('The day after the last one, UTC.'),
    ...spent,
    before: z.object(spent).describe('The same for as many days before `from`.'),
  })
  .meta({ id: 'PeriodSpend' })
export type PeriodSpend = z.infer<typeof PeriodSpend>

/** The budget of a project that may soon be used up. */
export const BudgetAtRisk = Budget.extend({ name: z.string().describe('Of the project.'), userId: id }).meta({
  id: 'BudgetAtRisk',
})
export type BudgetAtRisk = z.infer<typeof BudgetAtRisk>

/** What the caller may see of everything, at a glance. */
export const Overview = z
  .object({
    spend: z.object({ today: PeriodSpend, last7Days: PeriodSpend, last30Days: PeriodSpend }),
    projects: ProjectCounts,
    budgetsAtRisk: z
      .array(BudgetAtRisk)
      .describe(
        'Running projects that have spent and reserved at least 80 % of their limit, the fullest first: at most 20, of the 1,000 newest running projects.',
      ),
    verification: LastVerification.nullable().describe('Null unless the caller sees everything, as an admin does.'),
  })
  .meta({ id: 'Overview' })
export type Overview = z.infer<typeof Overview>
