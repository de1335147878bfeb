import { z } from 'zod'
import { Budget } from './budget.js'
import { CostRecord } from './cost-record.js'
import { id, idempotencyKey, instant, model, tokens, usd, usdInput } from './fields.js'
import { pageInput } from './page.js'
import { costFields, responseFields, ServiceTier, UsageProvider, usageFields, withTokenParts } from './usage.js'

export const ReservationStatus = z.enum(['held', 'settled', 'released', 'expired'])
export type ReservationStatus = z.infer<typeof ReservationStatus>

export const Reservation = z
  .object({
    id,
    projectId: id,
    amount: usd.describe('USD; the amount held.'),
    status: ReservationStatus,
    expiresAt: instant,
    resolvedAt: instant.nullable().describe('When the hold was settled, released or expired.'),
    costRecordId: id.nullable().describe('The cost record that settled the hold, even if the settlement came late.'),
    createdAt: instant,
  })
  .meta({ id: 'Reservation' })
export type Reservation = z.infer<typeof Reservation>

export const ListReservationsInput = z.strictObject({
  projectId: id,
  status: ReservationStatus.optional().describe(
    'Only reservations of this status. A hold past its `expiresAt` is `held` until it is swept, but counts for nothing.',
  ),
  ...pageInput,
})
export type ListReservationsInput = z.infer<typeof ListReservationsInput>

const DAY_SECONDS = 24 * 3600
const ttlSeconds = z.int().min(1).max(DAY_SECONDS)

const holdFields = {
  projectId: id,
  ttlSeconds: ttlSeconds.default(300).describe('Seconds until the hold expires. Defaults to 5 minutes; at most a day.'),
  idempotencyKey: idempotencyKey.optional(),
}

export const ReserveInput = z.union([
  z.strictObject({
    ...holdFields,
    amount: usdInput
      .refine((amount) => amount !== '0', 'must be more than zero')
      .meta({ description: 'USD, more than zero.', examples: ['0.05'] }),
  }),
  z.strictObject({
    ...holdFields,
    model,
    maxPromptTokens: tokens.describe('The most tokens the call may send, cached ones included.'),
    maxCompletionTokens: tokens.describe('The most tokens the call may receive.'),
    maxSearches: tokens.optional().describe('The most web or file searches the call may make. Defaults to none.'),
    provider: UsageProvider.optional().describe(
      'The provider whose price applies. By default the model name implies it.',
    ),
    cacheWrites: z
      .boolean()
      .optional()
      .describe('Whether the call may write its prompt to the cache, which costs more. Defaults to true.'),
    serviceTier: ServiceTier.optional().describe(
      'The service tier that the call will use. Defaults to the most expensive one.',
    ),
  }),
])
export type ReserveInput = z.infer<typeof ReserveInput>

export const ReservationAndBudget = z.object({ reservation: Reservation, budget: Budget })
export type ReservationAndBudget = z.infer<typeof ReservationAndBudget>

export const SettleInput = z.union([
  withTokenParts(z.strictObject({ reservationId: id, ...costFields })),
  z.strictObject({ reservationId: id, ...responseFields }),
  z.strictObject({ reservationId: id, ...usageFields }),
])
export type SettleInput = z.infer<typeof SettleInput>

export const SettledReservation = z.object({
  record: CostRecord,
  reservation: Reservation,
  budget: Budget,
  overrun: z.boolean().describe('True when the call cost more than was held.'),
  late: z.boolean().describe('True when the hold had expired or been released; the cost is recorded anyway.'),
})
export type SettledReservation = z.infer<typeof SettledReservation>

export const ReservationId = z.strictObject({ reservationId: id })
export const ExtendReservationInput = z.strictObject({
  reservationId: id,
  ttlSeconds: ttlSeconds.meta({ description: 'Seconds from now until the hold expires.', examples: [600] }),
})
export type ExtendReservationInput = z.infer<typeof ExtendReservationInput>
