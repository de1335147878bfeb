import { Reservation } from '@mgx/contract'
import { z } from 'zod'
import { modelOf } from './model-of.js'

const { amount: usd } = Reservation.shape

/** The `budget…` columns keep the answer of the first call for the ones that repeat its key. */
export class ReservationModel extends modelOf(
  'reservations',
  'reservation',
  Reservation.extend({
    userId: z.int(),
    idempotencyKey: z.string().nullable(),
    requestHash: z.string().nullable(),
    budgetLimit: usd.nullable(),
    budgetSpent: usd.nullable(),
    budgetReserved: usd.nullable(),
  }),
) {}
