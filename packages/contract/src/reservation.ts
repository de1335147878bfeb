import { z } from 'zod'
import { id, instant, usd } from './fields.js'

export const ReservationStatus = z.enum(['held', 'settled', 'released', 'expired'])

export const Reservation = z
  .object({
    id,
    projectId: id,
    amount: usd,
    status: ReservationStatus,
    expiresAt: instant,
    resolvedAt: instant.nullable(),
    costRecordId: id.nullable(),
    createdAt: instant,
  })
  .meta({ id: 'Reservation' })
export type Reservation = z.infer<typeof Reservation>
