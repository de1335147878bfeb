import type { Knex } from 'knex'
import { dialectOf } from '../dialect/dialect.js'
import { lockAccounts } from './accounts.js'
import { answerKey, type Books, type Charge, type Hold } from './core/books.js'
import type { AskedOperation } from './price.js'
import { storedCharge, storedHold } from './stored.js'

/** Reads what a group of operations may look at, its accounts locked first, so that nothing read afterwards is stale. */
export async function loadBooks(trx: Knex.Transaction, operations: readonly AskedOperation[]): Promise<Books> {
  const projectIds = operations.flatMap((operation) => ('projectId' in operation ? [operation.projectId] : []))
  const reservationIds = operations.flatMap((each) => ('reservationId' in each ? [each.reservationId] : []))
  const { now, projects, users } = await lockAccounts(trx, {
    projectIds: [...new Set(projectIds)],
    reservationIds: [...new Set(reservationIds)],
  })

  const touchesHolds = operations.some(({ kind }) => kind !== 'record' && kind !== 'adjust')
  const holds = touchesHolds && users.size > 0 ? await findHolds(trx, reservationIds, [...users.keys()], now) : []
  const elsewhere = holds.map(({ projectId }) => projectId).filter((id) => !projects.has(id))
  if (elsewhere.length > 0) {
    const more = await lockAccounts(trx, { projectIds: [...new Set(elsewhere)] })
    for (const [id, project] of more.projects) projects.set(id, project)
  }

  const charges = await findKeyed(trx, 'cost_records', operations, ['record', 'adjust'])
  const keyedHolds = await findKeyed(trx, 'reservations', operations, ['reserve'])
  return {
    now,
    projects,
    users,
    holds: new Map(holds.map((hold) => [hold.id ?? 0, hold])),
    settlements: await findSettlements(trx, reservationIds),
    keyedCharges: new Map(charges.map(storedCharge).map(byKey)),
    keyedHolds: new Map(keyedHolds.map(storedHold).map(byKey)),
  }
}

/** The named holds, and the due ones of these users. */
async function findHolds(trx: Knex.Transaction, ids: number[], userIds: number[], now: string): Promise<Hold[]> {
  const rows: object[] = await trx('reservations')
    .whereIn('id', ids)
    .unionAll((due) =>
      due
        .select('*')
        .from('reservations')
        .whereIn('userId', userIds)
        .where({ status: 'held' })
        .where('expiresAt', '<=', now)
        .whereNotIn('id', ids),
    )
  return rows.map(storedHold)
}

async function findSettlements(trx: Knex.Transaction, reservationIds: number[]): Promise<Map<number, Charge>> {
  if (reservationIds.length === 0) return new Map()
  const rows: object[] = await trx('cost_records').whereIn('reservationId', reservationIds)
  return new Map(rows.map(storedCharge).map((charge) => [charge.reservationId ?? 0, charge]))
}

/** The rows of a table that the idempotency keys of these operations have made. */
async function findKeyed(
  trx: Knex.Transaction,
  table: string,
  operations: readonly AskedOperation[],
  kinds: AskedOperation['kind'][],
): Promise<object[]> {
  const keys = operations.flatMap((operation) =>
    'idempotencyKey' in operation && operation.idempotencyKey !== null && kinds.includes(operation.kind)
      ? [[operation.projectId, operation.idempotencyKey]]
      : [],
  )
  if (keys.length === 0) return []
  const asked = dialectOf(trx).rows('asked', { project_id: 'integer', idempotency_key: 'text' }, keys)
  return trx
    .select(`${table}.*`)
    .from(trx.raw(asked.sql, asked.bindings as Knex.RawBinding[]))
    .joinRaw(`JOIN ${table} USING (project_id, idempotency_key)`)
}

function byKey<Row extends Charge | Hold>(row: Row): [string, Row] {
  if (row.idempotencyKey === null) throw new Error(`row ${row.id} was found by its key but has none`)
  return [answerKey(row.projectId, row.idempotencyKey), row]
}
