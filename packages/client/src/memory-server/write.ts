import { formatUsd } from '@mgx/contract'
import { answerKey, type Charge, type Decision, type Hold, type IdOf } from '@mgx/db/core'
import type { Memory } from './memory.js'
import { insert, type Tables } from './tables.js'

/** Writes a decision. */
export function write({ tables }: Memory, decision: Decision): IdOf {
  const ids = new Map<Charge | Hold, number>()
  for (const charge of decision.newCharges) ids.set(charge, writeCharge(tables, charge))
  for (const hold of decision.newHolds) ids.set(hold, writeHold(tables, hold))
  for (const [id, hold] of decision.changedHolds) {
    tables.holds.set(id, { ...hold, id, costRecordId: tables.settlements.get(id)?.id ?? null })
    if (hold.status !== 'held') tables.open.delete(id)
  }
  writeTotals(tables.projects, decision.projects.values(), decision.now)
  writeTotals(tables.users, decision.users.values(), decision.now)
  return (row) => {
    const id = row.id ?? ids.get(row)
    if (id === undefined) throw new Error('a row was decided but not written')
    return id
  }
}

function writeCharge(tables: Tables, charge: Charge): number {
  const row = insert(tables.charges, charge)
  const { projectId, idempotencyKey, reservationId } = row
  if (idempotencyKey !== null) tables.keyedCharges.set(answerKey(projectId, idempotencyKey), row)
  if (reservationId !== null) tables.settlements.set(reservationId, row)
  return row.id
}

function writeHold(tables: Tables, hold: Hold): number {
  const { id, projectId, idempotencyKey } = insert(tables.holds, hold)
  if (idempotencyKey !== null) tables.keyedHolds.set(answerKey(projectId, idempotencyKey), id)
  tables.open.add(id)
  return id
}

type Totals = { readonly totalCost: string; readonly reserved: string; readonly updatedAt: string }
type Account = { readonly id: number; readonly spent: bigint; readonly reserved: bigint }

function writeTotals<Row extends Totals>(rows: Map<number, Row>, accounts: Iterable<Account>, updatedAt: string): void {
  for (const { id, spent, reserved } of accounts) {
    const row = rows.get(id)
    if (row) rows.set(id, { ...row, totalCost: formatUsd(spent), reserved: formatUsd(reserved), updatedAt })
  }
}
