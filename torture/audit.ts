import type { Knex } from 'knex'
import { openReadOnly } from '../packages/db/src/database.js'
import { dialectOf } from '../packages/db/src/dialect/dialect.js'
import type { Call, Round } from './calls.js'

/** What a round did wrong; all zero when every promise held. */
export type Faults = { lost: number; doubled: number; traces: number; overspent: number; unbalanced: number }

type Row = Record<string, string | number | null>

/**
 * Compares the rows of a round's projects with what its callers were told: each acknowledged call is there once, refused ones
 * left nothing, totals are the sums of their rows, and holds and their costs never exceeded the investment. Reads the
 * database itself, not the server.
 */
export async function auditRound(databaseUrl: string, { calls, guardedId, openId }: Round): Promise<Faults> {
  const db = await openReadOnly(databaseUrl)
  try {
    const ids = [guardedId, openId]
    const rowsOf = (trx: Knex, table: string, column: string): Promise<Row[]> => trx(table).whereIn(column, ids)
    // One snapshot, because the server sweeps meanwhile.
    const [records, holds, projects] = await dialectOf(db).withSnapshots(db, (inSnapshot) =>
      inSnapshot(
        async (trx) =>
          [
            await rowsOf(trx, 'cost_records', 'projectId'),
            await rowsOf(trx, 'reservations', 'projectId'),
            await rowsOf(trx, 'projects', 'id'),
          ] as const,
      ),
    )
    const faults: Faults = { lost: 0, doubled: 0, traces: 0, overspent: 0, unbalanced: 0 }

    const timesOf = counted(records.map(({ actionType }) => String(actionType)))
    const holdsByKey = new Map(holds.map((hold) => [String(hold.idempotencyKey), hold]))
    const holdsById = new Map(holds.map((hold) => [Number(hold.id), hold]))
    const holdsOf = counted(holds.map(({ idempotencyKey }) => String(idempotencyKey)))
    for (const times of [...timesOf.values(), ...holdsOf.values()]) faults.doubled += times - 1
    faults.lost += ids.length - projects.length
    for (const call of calls) {
      const written = isWritten(call, timesOf, holdsByKey, holdsById)
      if (call.outcome === 'acknowledged' && !written.all) faults.lost += 1
      if (call.outcome === 'refused' && written.any) faults.traces += 1
    }
    for (const { id, totalCost, reserved, investment } of projects) {
      const of = (rows: Row[]) => rows.filter(({ projectId }) => projectId === id)
      const spent = sum(of(records).map((record) => record.totalCost))
      const held = sum(
        of(holds)
          .filter(({ status }) => status === 'held')
          .map((hold) => hold.amount),
      )
      if (spent !== BigInt(totalCost ?? 0) || held !== BigInt(reserved ?? 0)) faults.unbalanced += 1
      // Holds past their time count for nothing, even before the sweep.
      const live = sum(
        of(holds)
          .filter(({ status, expiresAt }) => status === 'held' && Date.parse(String(expiresAt)) > Date.now())
          .map((hold) => hold.amount),
      )
      if (id === guardedId && spent + live > BigInt(investment ?? 0)) faults.overspent += 1
    }
    return faults
  } finally {
    await db.destroy()
  }
}

function isWritten(
  { procedure, keys, reservationId }: Call,
  timesOf: ReadonlyMap<string, number>,
  holdsByKey: ReadonlyMap<string, Row>,
  holdsById: ReadonlyMap<number, Row>,
): { all: boolean; any: boolean } {
  if (procedure === 'budgets.reserve') {
    const isThere = holdsByKey.has(keys[0] ?? '')
    return { all: isThere, any: isThere }
  }
  if (procedure === 'budgets.release') {
    const hold = holdsById.get(reservationId ?? 0)
    return { all: hold !== undefined && hold.status !== 'held', any: false }
  }
  const found = keys.filter((key) => timesOf.has(key))
  return { all: found.length === keys.length, any: found.length > 0 }
}

function counted(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

const sum = (amounts: readonly (string | number | null | undefined)[]) =>
  amounts.reduce<bigint>((total, amount) => total + BigInt(amount ?? 0), 0n)
