import type { ProjectStatus } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf, type Statement } from '../dialect/dialect.js'
import type { Scope } from '../scope.js'
import type { ProjectAccount, UserAccount } from './core/books.js'

export type Accounts = {
  now: string
  projects: Map<number, ProjectAccount>
  users: Map<number, UserAccount>
}

type Row = {
  now: string
  id: number
  userId: number
  status: ProjectStatus
  investment: number
  totalCost: number
  reserved: number
  spendingLimit: number | null
  userTotalCost: number
  userReserved: number
}

/** The id of a project or reservation, and the scope of the caller who names it. */
export type NamedRow = { readonly id: number; readonly scope: Scope }

/**
 * Reads and locks the accounts of these projects, of the projects of these reservations, and of their users, until the
 * transaction ends; those that are in scope. Locks users before projects, each in id order, so that transactions cannot
 * deadlock.
 */
export async function lockAccounts(
  trx: Knex.Transaction,
  { projects, reservations = [] }: { projects: readonly NamedRow[]; reservations?: readonly NamedRow[] },
): Promise<Accounts> {
  const { lockRows, now, query } = dialectOf(trx)
  const named = sourceOfNamed(trx, 'named', projects)
  const reserved = sourceOfNamed(trx, 'reserved', reservations)
  const ofReservations = `UNION SELECT reservations.project_id, reserved.user_id, reserved.project_id
    FROM reservations JOIN ${reserved.sql} ON reservations.id = reserved.id`
  const found = await query<Row>(trx, {
    sql: `WITH wanted AS MATERIALIZED (
        SELECT projects.id, projects.user_id FROM projects JOIN (
          SELECT named.id, named.user_id, named.project_id FROM ${named.sql} ${reservations.length > 0 ? ofReservations : ''}
        ) AS chosen ON projects.id = chosen.id AND projects.user_id = COALESCE(chosen.user_id, projects.user_id)
          AND projects.id = COALESCE(chosen.project_id, projects.id)
      ), owner AS MATERIALIZED (
        SELECT users.id, spending_limit, total_cost, reserved FROM users
        WHERE users.id IN (SELECT user_id FROM wanted) ORDER BY users.id ${lockRows('users')}
      )
      SELECT ${now} AS now, projects.id, projects.user_id AS "userId", projects.status, projects.investment,
        projects.total_cost AS "totalCost", projects.reserved, owner.spending_limit AS "spendingLimit",
        owner.total_cost AS "userTotalCost", owner.reserved AS "userReserved"
      FROM owner JOIN projects ON projects.user_id = owner.id
      WHERE projects.id IN (SELECT id FROM wanted)
      ORDER BY owner.id, projects.id ${lockRows('projects')}`,
    bindings: [...named.bindings, ...(reservations.length > 0 ? reserved.bindings : [])],
  })
  return {
    now: found[0]?.now ?? '',
    projects: new Map(found.map((row) => [row.id, projectAccount(row)])),
    users: new Map(found.map((row) => [row.userId, userAccount(row)])),
  }
}

/** Callers with the same scope share a row. */
function sourceOfNamed(trx: Knex.Transaction, alias: string, rows: readonly NamedRow[]): Statement {
  const cells = rows.map(({ id, scope: { userId = null, projectId = null } }) => [id, userId, projectId])
  const distinct = new Map(cells.map((cell) => [cell.join(), cell]))
  const columns = { id: 'integer', user_id: 'integer', project_id: 'integer' } as const
  return dialectOf(trx).rows(alias, columns, [...distinct.values()])
}

function projectAccount(row: Row): ProjectAccount {
  return {
    id: row.id,
    userId: row.userId,
    status: row.status,
    limit: BigInt(row.investment),
    spent: BigInt(row.totalCost),
    reserved: BigInt(row.reserved),
    due: 0n,
  }
}

function userAccount(row: Row): UserAccount {
  return {
    id: row.userId,
    limit: row.spendingLimit === null ? null : BigInt(row.spendingLimit),
    spent: BigInt(row.userTotalCost),
    reserved: BigInt(row.userReserved),
    due: 0n,
  }
}
