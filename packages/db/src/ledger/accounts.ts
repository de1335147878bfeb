import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import type { ProjectAccount, UserAccount } from './core.js'

export type Accounts = { projects: Map<number, ProjectAccount>; users: Map<number, UserAccount> }

type Row = Record<'id' | 'userId' | 'investment' | 'totalCost' | 'reserved' | 'userTotalCost', number>

/**
 * Reads the accounts of these projects and their users, and holds them against other writers until the transaction
 * ends. Everyone locks by user and then project in id order, so no two groups wait for each other.
 */
export async function lockAccounts(trx: Knex.Transaction, projectIds: number[]): Promise<Accounts> {
  const rows: Row[] = await trx('projects')
    .join('users', 'users.id', 'projects.userId')
    .whereIn('projects.id', projectIds)
    .select('projects.id', 'projects.userId', 'projects.investment', 'projects.totalCost', 'projects.reserved')
    .select('users.totalCost AS userTotalCost')
    .orderByRaw(`users.id, projects.id ${dialectOf(trx).lockRows('users', 'projects')}`)
  return {
    projects: new Map(rows.map((row) => [row.id, projectAccount(row)])),
    users: new Map(rows.map((row) => [row.userId, { id: row.userId, spent: BigInt(row.userTotalCost) }])),
  }
}

function projectAccount(row: Row): ProjectAccount {
  return {
    id: row.id,
    userId: row.userId,
    limit: BigInt(row.investment),
    spent: BigInt(row.totalCost),
    reserved: BigInt(row.reserved),
  }
}
