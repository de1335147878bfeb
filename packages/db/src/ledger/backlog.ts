import type { NanoUsd } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf, type Statement } from '../dialect/dialect.js'
import { dueAmount } from '../stores/due-holds.js'
import type { Books, Hold, ProjectAccount, UserAccount } from './core/books.js'

/** The sum of an account's due holds, by the clock of the statement that added them up. */
export type Backlog = { account: 'project_id' | 'user_id'; id: number; amount: NanoUsd; now: string }

/** The accounts to add up: these projects, the projects of these reservations and, with `withUsers`, their users. */
type BacklogsAsked = { projects: Statement; reservations: Statement; withUsers: boolean }

/** Returns backlogs greater than zero. Sums in SQL, because due holds may be many. The accounts must be locked. */
export async function findBacklogs(trx: Knex.Transaction, asked: BacklogsAsked): Promise<Backlog[]> {
  const { projects, reservations, withUsers } = asked
  const { now, query } = dialectOf(trx)
  const sums = (account: Backlog['account'], ids: string) =>
    `SELECT '${account}' AS account, id, ${dueAmount(trx, account, 'account.id')} AS amount FROM (${ids}) AS account`
  const ofUsers = `UNION ALL ${sums('user_id', 'SELECT DISTINCT user_id AS id FROM chosen')}`
  const rows = await query<Omit<Backlog, 'amount'> & { amount: number }>(trx, {
    sql: `WITH chosen AS (
        SELECT id, user_id FROM projects WHERE id IN (SELECT project.id FROM ${projects.sql})
        UNION SELECT project_id, user_id FROM reservations WHERE id IN (SELECT named.id FROM ${reservations.sql})
      ), backlog AS (${sums('project_id', 'SELECT id FROM chosen')} ${withUsers ? ofUsers : ''})
      SELECT account, id, amount, ${now} AS now FROM backlog WHERE amount > 0`,
    bindings: [...projects.bindings, ...reservations.bindings],
  })
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }))
}

/**
 * Moves backlogs from `reserved` to `due`, so that decisions are the same as if those holds had expired. Leaves out the
 * due holds in the books, because `decide` expires them itself.
 */
export function setAside(
  { projects, users }: Pick<Books, 'projects' | 'users'>,
  backlogs: readonly Backlog[],
  holds: Books['holds'],
): Pick<Books, 'projects' | 'users'> {
  const now = backlogs[0]?.now ?? ''
  const inBooks = [...holds.values()].filter(({ status, expiresAt }) => status === 'held' && expiresAt <= now)
  const dueOf = (account: Backlog['account'], ownerOf: (hold: Hold) => number) => {
    const due = new Map(backlogs.filter((each) => each.account === account).map(({ id, amount }) => [id, amount]))
    for (const hold of inBooks) due.set(ownerOf(hold), (due.get(ownerOf(hold)) ?? 0n) - hold.amount)
    return due
  }
  return {
    projects: less(
      projects,
      dueOf('project_id', ({ projectId }) => projectId),
    ),
    users: less(
      users,
      dueOf('user_id', ({ userId }) => userId),
    ),
  }
}

function less<Account extends ProjectAccount | UserAccount>(
  accounts: ReadonlyMap<number, Account>,
  due: ReadonlyMap<number, NanoUsd>,
): ReadonlyMap<number, Account> {
  if (due.size === 0) return accounts
  return new Map(
    [...accounts].map(([id, account]) => {
      const amount = due.get(id) ?? 0n
      return [id, { ...account, reserved: account.reserved - amount, due: amount }]
    }),
  )
}
