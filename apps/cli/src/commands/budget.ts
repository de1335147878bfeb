import { callCommands } from '../calls/call-command.js'
import type { Group } from '../command.js'

const HELD = ['reservation.id', 'reservation.status', 'reservation.amount', 'reservation.expiresAt', 'budget.remaining']
const SETTLED = ['record.id', 'record.totalCost', 'reservation.id', 'overrun', 'late', 'budget.remaining']

/** What a run may spend, and the money set aside for calls. */
export const budget: Group = {
  summary: 'The budget of a run, and the holds on it',
  commands: callCommands('budget', {
    show: { procedure: 'budgets.get', summary: 'Show what a run has spent, holds and may spend', args: ['projectId'] },
    holds: {
      procedure: 'budgets.reservations',
      summary: 'List the holds of a run, open and ended ones, newest first',
      args: ['projectId'],
      shown: ['id', 'status', 'amount', 'createdAt', 'expiresAt', 'resolvedAt', 'costRecordId'],
    },
    reserve: {
      procedure: 'budgets.reserve',
      summary: 'Hold an amount, or the most that a call may cost',
      args: ['projectId', 'amount?'],
      shown: HELD,
    },
    settle: {
      procedure: 'budgets.settle',
      summary: 'Settle a hold with the cost of its call',
      args: ['reservationId'],
      shown: SETTLED,
    },
    release: {
      procedure: 'budgets.release',
      summary: 'Release a hold whose call was not made',
      args: ['reservationId'],
      shown: HELD,
    },
    extend: {
      procedure: 'budgets.extend',
      summary: 'Set when a hold expires, in seconds from now',
      args: ['reservationId', 'ttlSeconds?'],
      shown: HELD,
    },
  }),
}
