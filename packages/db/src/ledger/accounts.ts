import type { ProjectStatus } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
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

/**
 * Reads and locks the accounts of these projects, of the projects of these reservations, and of their users, until the
 * transaction ends. Locks users before projects, each in id order, so that transactions cannot deadlock.
 */
export async function lockAccounts(
  trx: Knex.Transaction,
  { projectIds, reservationIds = [] }: { projectIds: number[]; reservationIds?: number[] },
): Promise<Accounts> {
  const { rows, lockRows, now, query } = dialectOf(trx)
  const named = rows(
    'named',
    { id: 'integer' },
    projectIds.map((id) => [id]),
  )
  const reserved = rows(
    'reserved',
    { id: 'integer' },
    reservationIds.map((id) => [id]),
  )
  const ofReservations = `UNION SELECT project_id FROM reservations JOIN ${reserved.sql} ON reservations.id = reserved.id`
  const found = await query<Row>(trx, {
    sql: `WITH wanted AS MATERIALIZED (
        SELECT projects.id, projects.user_id FROM projects JOIN (
          SELECT named.id FROM ${named.sql} ${reservationIds.length > 0 ? ofReservations : ''}
        ) AS chosen ON projects.id = chosen.id
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
    bindings: [...named.bindings, ...(reservationIds.length > 0 ? reserved.bindings : [])],
  })
  return {
    now: found[0]?.now ?? '',
    projects: new Map(found.map((row) => [row.id, projectAccount(row)])),
    users: new Map(found.map((row) => [row.userId, userAccount(row)])),
  }
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
