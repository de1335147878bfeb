import type { Knex } from 'knex'
import { insertAudits } from '../audit/audit-log.js'
import { type Columns, insertInto, sourceOf } from '../dialect/columns.js'
import { dialectOf, type Statement } from '../dialect/dialect.js'
import { countUnknownModels, type UnknownCall } from '../stores/unknown-models.js'
import type { IdOf } from './core/answer.js'
import type { Charge, Hold, ProjectAccount, UserAccount } from './core/books.js'
import type { Decision, Outcome } from './core/decide.js'
import { addToRollups } from './rollups.js'
import { chargeColumns, holdColumns } from './rows.js'

/** Writes a decision in one step of the transaction. Returns the ids of its rows. */
export async function writeDecision(trx: Knex.Transaction, decision: Decision): Promise<IdOf> {
  const { newCharges, newHolds, changedHolds, projects, users, audits } = decision
  const inserts = [
    insertInto(trx, 'cost_records', chargeColumns, newCharges, 'RETURNING id'),
    insertInto(trx, 'reservations', holdColumns, newHolds, 'RETURNING id'),
  ]
  const others = [
    updateTotals(trx, 'projects', decision.now, [...projects.values()]),
    updateTotals(trx, 'users', decision.now, [...users.values()]),
    addToRollups(trx, newCharges),
    insertAudits(trx, audits),
  ]
  const unknownModels = countUnknownModels(trx, unknownCalls(decision.outcomes), decision.now)
  const isNeeded = (statement: Statement | undefined): statement is Statement => statement !== undefined
  const ids = await dialectOf(trx).runTogether(trx, {
    inserts: inserts.filter(isNeeded),
    others: others.filter(isNeeded),
    afterwards: [updateHolds(trx, [...changedHolds.values()]), ...unknownModels].filter(isNeeded),
  })
  return idOf(new Map(match([...newCharges, ...newHolds], ids.flat())))
}

/** Returns the calls that were refused because their model has no price. */
function unknownCalls(outcomes: readonly Outcome[]): UnknownCall[] {
  return outcomes.flatMap((outcome) =>
    outcome.kind === 'refused' && outcome.error.reason === 'unknown_model'
      ? [outcome.error.details as UnknownCall]
      : [],
  )
}

function idOf(written: ReadonlyMap<Charge | Hold, number>): IdOf {
  return (row) => {
    const id = row.id ?? written.get(row)
    if (id === undefined) throw new Error('a row was decided but not written')
    return id
  }
}

/** Pairs rows with their ids: ids are ascending, and rows are numbered in the order they are inserted. */
function match<Row>(rows: Row[], ids: number[]): [Row, number][] {
  if (rows.length !== ids.length)
    throw new Error(`${rows.length} rows were inserted, but ${ids.length} ids were returned`)
  return rows.map((row, index) => [row, ids[index] ?? 0])
}

type Totals = Pick<ProjectAccount | UserAccount, 'id' | 'spent' | 'reserved' | 'due'>

const totalColumns: Columns<Totals & { now: string }> = {
  id: ['integer', ({ id }) => id],
  spent: ['integer', ({ spent }) => Number(spent)],
  reserved: ['integer', ({ reserved, due }) => Number(reserved + due)],
  now: ['instant', ({ now }) => now],
}

function updateTotals(trx: Knex.Transaction, table: string, now: string, accounts: Totals[]): Statement | undefined {
  if (accounts.length === 0) return undefined
  const source = sourceOf(
    trx,
    'account',
    totalColumns,
    accounts.map((account) => ({ now, ...account })),
  )
  return {
    sql: `UPDATE ${table} SET total_cost = account.spent, reserved = account.reserved, updated_at = account.now
      FROM ${source.sql} WHERE ${table}.id = account.id`,
    bindings: source.bindings,
  }
}

const changedHoldColumns: Columns<Hold> = {
  id: ['integer', ({ id }) => id],
  status: ['text', ({ status }) => status],
  expires_at: ['instant', ({ expiresAt }) => expiresAt],
  resolved_at: ['instant', ({ resolvedAt }) => resolvedAt],
}

/** Links each settled hold to its cost record, so it must run after the records are inserted. */
function updateHolds(trx: Knex.Transaction, holds: Hold[]): Statement | undefined {
  if (holds.length === 0) return undefined
  const source = sourceOf(trx, 'hold', changedHoldColumns, holds)
  return {
    sql: `UPDATE reservations SET status = hold.status, expires_at = hold.expires_at, resolved_at = hold.resolved_at,
        cost_record_id = (SELECT cost_records.id FROM cost_records WHERE cost_records.reservation_id = reservations.id)
      FROM ${source.sql} WHERE reservations.id = hold.id`,
    bindings: source.bindings,
  }
}
