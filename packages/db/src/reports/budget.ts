import { type Budget, parseUsd } from '@mgx/contract'
import type { Knex } from 'knex'
import { toBudget } from '../ledger/core/answer.js'
import type { Scope } from '../scope.js'
import { getProject } from '../stores/projects.js'

/** Returns the budget of a project, without due holds, swept or not. @throws DomainError `not_found`. */
export async function getBudget(db: Knex, scope: Scope, id: number): Promise<Budget> {
  const { investment, totalCost, reserved } = await getProject(db, scope, id)
  return toBudget(id, { limit: parseUsd(investment), spent: parseUsd(totalCost), reserved: parseUsd(reserved) })
}
