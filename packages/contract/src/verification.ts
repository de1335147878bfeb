import { z } from 'zod'
import { instant, usd } from './fields.js'

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

/** The open holds of an age. */
export const OpenHolds = z
  .object({
    maxAgeSeconds: z
      .int()
      .positive()
      .nullable()
      .describe('The age of the oldest of them, in seconds; the line before has the younger ones. Null: any age.'),
    holds: count,
    due: count.describe('How many of them are past their expiry: they count for nothing, and will be swept.'),
    amount: usd.describe('USD; the sum of all of them.'),
  })
  .meta({ id: 'OpenHolds' })
export type OpenHolds = z.infer<typeof OpenHolds>

/** The state of the ledger and of its database. */
export const Books = z
  .object({
    verification: LastVerification,
    openHolds: z.array(OpenHolds).describe('By age, the youngest first; of at most 10,000 holds, the first to expire.'),
    migrations: z.object({ done: z.array(z.string()), pending: z.array(z.string()) }).describe('Names, oldest first.'),
    versions: z.object({
      server: z.string(),
      schema: z.string().describe('The newest migration that is done.'),
      database: z.string().describe('The program and its version, such as `PostgreSQL 17.2`.'),
    }),
  })
  .meta({ id: 'Books' })
export type Books = z.infer<typeof Books>
