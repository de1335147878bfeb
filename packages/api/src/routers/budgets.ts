import {
  Budget,
  BudgetInput,
  ExtendReservationInput,
  ReservationAndBudget,
  ReservationId,
  ReserveInput,
  SettledReservation,
  SettleInput,
} from '@mgx/contract'
import { getBudget } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { procedure } from '../trpc.js'

export const budgets = {
  get: procedure({
    authority: 'read',
    rest: ['GET /projects/{projectId}/budget'],
    description: 'The budget of a project: its limit, what is spent, held and left.',
  })
    .input(BudgetInput)
    .output(Budget)
    .query(({ ctx, input }) => getBudget(ctx.services.db, ctx.scope, input.projectId)),

  reserve: procedure({
    authority: 'record',
    rest: ['POST /projects/{projectId}/reservations'],
    grouped: true,
    description:
      'Holds an amount, or what a call may cost at most, if it fits in the budget and in the spending limit of the user.',
  })
    .input(ReserveInput)
    .output(ReservationAndBudget)
    .mutation(({ ctx, input }) => ctx.services.ledger.reserve(ctx.scope, input, ctx.turn)),

  settle: procedure({
    authority: 'record',
    rest: ['POST /reservations/{reservationId}/settle'],
    grouped: true,
    description: 'Writes what the held call cost and frees the hold; after expiry or release the cost is written too.',
    idempotent: true,
  })
    .input(SettleInput)
    .output(SettledReservation)
    .mutation(({ ctx, input }) => ctx.services.ledger.settle(ctx.scope, input, ctx.turn)),

  release: procedure({
    authority: 'record',
    rest: ['POST /reservations/{reservationId}/release'],
    grouped: true,
    description: 'Frees a hold: the call was not made.',
    idempotent: true,
  })
    .input(ReservationId)
    .output(ReservationAndBudget)
    .mutation(({ ctx, input }) => ctx.services.ledger.release(ctx.scope, input.reservationId, ctx.turn)),

  extend: procedure({
    authority: 'record',
    rest: ['POST /reservations/{reservationId}/extend'],
    grouped: true,
    description: 'Makes a hold expire that many seconds from now.',
    idempotent: true,
  })
    .input(ExtendReservationInput)
    .output(ReservationAndBudget)
    .mutation(({ ctx, input }) => ctx.services.ledger.extend(ctx.scope, input, ctx.turn)),
} satisfies TRPCRouterRecord
