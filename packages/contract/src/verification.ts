import { z } from 'zod'
import { instant } from './fields.js'

/** One stored figure that differs from what its underlying rows add up to. Amounts in USD, counts in decimal digits. */
export const Drift = z
  .object({
    what: z.string().describe('The row and its figure, such as `project 7: totalCost`.'),
    expected: z.string(),
    found: z.string(),
    difference: z.string().nullable().describe('Found minus expected; null if the figure is not a number.'),
  })
  .meta({ id: 'Drift' })
export type Drift = z.infer<typeof Drift>

const count = z.int().min(0)

/** What the last verification of the ledger found. */
export const LastVerification = z
  .object({
    verifiedAt: instant.nullable().describe('Null before the first verification.'),
    drifts: count.describe('How many drifts it listed, at most 100.'),
  })
  .meta({ id: 'LastVerification' })
export type LastVerification = z.infer<typeof LastVerification>

/** Whether the books balanced at one moment. */
export const Verification = z
  .object({
    ok: z.boolean(),
    verifiedAt: instant,
    checked: z
      .object({ users: count, projects: count, records: count, reservations: count, rollups: count })
      .describe('How many rows were checked.'),
    drifts: z.array(Drift),
    hasMore: z.boolean().describe('True when there are more drifts than listed.'),
  })
  .meta({ id: 'Verification' })
export type Verification = z.infer<typeof Verification>
