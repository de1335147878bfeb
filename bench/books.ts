import type { Knex } from 'knex'

/** Counts of faults, which must all be zero after every run. */
export type Faults = { lost: number; doubled: number; overspent: number; drifted: number }

export function addFaults(a: Faults, b: Faults): Faults {
  return {
    lost: a.lost + b.lost,
    doubled: a.doubled + b.doubled,
    overspent: a.overspent + b.overspent,
    drifted: a.drifted + b.drifted,
  }
}

type Row = { idempotencyKey: string | null; reservationId: number | null; totalCost: number }

/**
 * Compares the responses that a project's callers got with the database. `acknowledged` are the idempotency keys or
 * reservation ids of calls that succeeded. Lost: acknowledged but without a record. Doubled: more than one record.
 * Overspent: money admitted beyond the budget. Drifted: totals or rollups that are not the sum of the records.
 */
export async function checkBooks(
  db: Knex,
  projectId: number,
  acknowledged: readonly (string | number)[],
  { isBudgetKept = false } = {},
): Promise<Faults> {
  const rows: Row[] = await db('cost_records')
    .select('idempotencyKey', 'reservationId', 'totalCost')
    .where({ projectId })
    .whereNot('model', 'like', 'filling-%')
  const times = new Map<string | number | null, number>()
  for (const row of rows) {
    const call = row.reservationId ?? row.idempotencyKey
    times.set(call, (times.get(call) ?? 0) + 1)
  }
  const [records] = await db('cost_records').where({ projectId }).sum({ total: 'totalCost' })
  const [rollups] = await db('cost_rollups').where({ projectId }).sum({ total: 'totalCost' })
  const [held] = await db('reservations').where({ projectId, status: 'held' }).sum({ total: 'amount' })
  const project = await db('projects').where({ id: projectId }).first()
  const isDrifted =
    Number(records?.total ?? 0) !== project.totalCost ||
    Number(rollups?.total ?? 0) !== project.totalCost ||
    Number(held?.total ?? 0) !== project.reserved
  return {
    lost: acknowledged.filter((call) => !times.has(call)).length,
    doubled: [...times.values()].filter((count) => count > 1).length,
    overspent: isBudgetKept && project.totalCost + project.reserved > project.investment ? 1 : 0,
    drifted: isDrifted ? 1 : 0,
  }
}
