import { z } from 'zod'
import { instant } from './fields.js'

/** One figure that is not what the rows behind it say. Amounts in USD, counts in decimal digits. */
export const Drift = z
  .object({
    what: z.string().describe('Which figure of which row, such as `project 7: totalCost`.'),
    expected: z.string(),
    found: z.string(),
    difference: z.string().nullable().describe('Found minus expected; null for what is no number.'),
  })
  .meta({ id: 'Drift' })
export type Drift = z.infer<typeof Drift>

const count = z.int().min(0)

/** Whether the books balance, at one moment. */
export const Verification = z
  .object({
    ok: z.boolean(),
    verifiedAt: instant,
    checked: z
      .object({ users: count, projects: count, records: count, reservations: count, rollups: count })
      .describe('How many rows there were.'),
    drifts: z.array(Drift),
    hasMore: z.boolean().describe('True when there are more drifts than listed.'),
  })
  .meta({ id: 'Verification' })
export type Verification = z.infer<typeof Verification>
