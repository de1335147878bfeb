import {
  Budget,
  BudgetInput,
  ExtendReservationInput,
  ListReservationsInput,
  pageOf,
  Reservation,
  ReservationAndBudget,
  ReservationId,
  ReserveInput,
  SettledReservation,
  SettleInput,
} from '@mgx/contract'
import { getBudget, listReservations } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { procedure } from '../trpc.js'

export const budgets = {
  get: procedure({
    authority: 'read',
    rest: ['GET /projects/{projectId}/budget'],
    description: 'Returns the budget of a project: its limit, and the amounts spent, reserved and remaining.',
  })
    .input(BudgetInput)
    .output(Budget)
    .query(({ ctx, input }) => getBudget(ctx.services.db, ctx.scope, input.projectId)),

  reservations: procedure({
    authority: 'read',
    rest: ['GET /projects/{projectId}/reservations'],
    description: 'Lists the reservations of a project, open and ended ones, newest first.',
  })
    .input(ListReservationsInput)
    .output(pageOf(Reservation))
    .query(({ ctx, input }) => listReservations(ctx.services.db, ctx.scope, input)),

  reserve: procedure({
    authority: 'record',
    rest: ['POST /projects/{projectId}/reservations'],
    grouped: true,
    description:
      'Reserves an amount, or the most a call may cost, if it fits in the budget and in the spending limit of the user.',
  })
    .input(ReserveInput)
    .output(ReservationAndBudget)
    .mutation(({ ctx, input }) => ctx.services.ledger.reserve(ctx.scope, input, ctx.turn)),

  settle: procedure({
    authority: 'record',
    rest: ['POST /reservations/{reservationId}/settle'],
    grouped: true,
    description:
      "Settles a hold with the cost of its call: tokens, the provider's response body, or its usage object. The cost is recorded even if the hold has expired or been released.",
    idempotent: true,
  })
    .input(SettleInput)
    .output(SettledReservation)
    .mutation(({ ctx, input }) => ctx.services.ledger.settle(ctx.scope, input, ctx.turn)),

  release: procedure({
    authority: 'record',
    rest: ['POST /reservations/{reservationId}/release'],
    grouped: true,
    description: 'Releases a hold whose call was not made.',
    idempotent: true,
  })
    .input(ReservationId)
    .output(ReservationAndBudget)
    .mutation(({ ctx, input }) => ctx.services.ledger.release(ctx.scope, input.reservationId, ctx.turn)),

  extend: procedure({
    authority: 'record',
    rest: ['POST /reservations/{reservationId}/extend'],
    grouped: true,
    description: 'Sets a hold to expire a number of seconds from now.',
    idempotent: true,
  })
    .input(ExtendReservationInput)
    .output(ReservationAndBudget)
    .mutation(({ ctx, input }) => ctx.services.ledger.extend(ctx.scope, input, ctx.turn)),
} satisfies TRPCRouterRecord
