import { type ExtendReservationInput, parseUsd, type ReserveInput, type SettleInput } from '@mgx/contract'
import { toBudget } from '@mgx/db/core'
import type { Budget } from '../../generated/entities.js'
import { apply, operations } from '../ledger.js'
import { authenticated } from '../procedure.js'
import type { ProjectRow } from '../tables.js'
import { projectOf } from './projects.js'

export const budgets = {
  get: authenticated((context, { projectId }: { projectId: number }) => budgetOf(projectOf(context, projectId))),

  reserve: authenticated(({ memory, scope }, input: ReserveInput) => apply(memory, operations.reserve(scope, input))),

  settle: authenticated(({ memory, scope }, input: SettleInput) => apply(memory, operations.settle(scope, input))),

  release: authenticated(({ memory, scope }, { reservationId }: { reservationId: number }) =>
    apply(memory, { kind: 'release', scope, reservationId }),
  ),

  extend: authenticated(({ memory, scope }, input: ExtendReservationInput) =>
    apply(memory, { kind: 'extend', scope, ...input }),
  ),
}

/** The budget of a project as it stands. */
export function budgetOf({ id, investment, totalCost, reserved }: ProjectRow): Budget {
  return toBudget(id, { limit: parseUsd(investment), spent: parseUsd(totalCost), reserved: parseUsd(reserved) })
}
