import type { Knex } from 'knex'
import { dialectOf, type Statement } from '../dialect/dialect.js'
import { lockAccounts } from './accounts.js'
import { answerKey, type Books, type Charge, type Hold } from './core/books.js'
import type { AskedOperation } from './core/pricing.js'
import { storedCharge, storedHold } from './stored.js'

/**
 * Reads what a group of operations may look at, its accounts locked before anything else, so that nothing read is stale.
 * The statements are sent in this order and at once.
 */
export async function loadBooks(trx: Knex.Transaction, operations: readonly AskedOperation[]): Promise<Books> {
  const projectIds = distinct(operations.flatMap((each) => ('projectId' in each ? [each.projectId] : [])))
  const reservationIds = distinct(operations.flatMap((each) => ('reservationId' in each ? [each.reservationId] : [])))
  const touchesHolds = operations.some(({ kind }) => kind !== 'record' && kind !== 'adjust')
  const [{ now, projects, users }, holds, settlements, charges, keyedHolds] = await Promise.all([
    lockAccounts(trx, { projectIds, reservationIds }),
    touchesHolds ? findHolds(trx, projectIds, reservationIds) : [],
    findSettlements(trx, reservationIds),
    findKeyed(trx, 'cost_records', operations, ['record', 'adjust']),
    findKeyed(trx, 'reservations', operations, ['reserve']),
  ])
  const elsewhere = holds.map(({ projectId }) => projectId).filter((id) => !projects.has(id))
  if (elsewhere.length > 0) {
    const more = await lockAccounts(trx, { projectIds: distinct(elsewhere) })
    for (const [id, project] of more.projects) projects.set(id, project)
  }
  return {
    now,
    projects,
    users,
    holds: new Map(holds.map((hold) => [hold.id ?? 0, hold])),
    settlements,
    keyedCharges: new Map(charges.map(storedCharge).map(byKey)),
    keyedHolds: new Map(keyedHolds.map(storedHold).map(byKey)),
  }
}

function distinct(ids: number[]): number[] {
  return [...new Set(ids)]
}

/** The named holds, and the due ones of the users of these projects and reservations. */
async function findHolds(trx: Knex.Transaction, projectIds: number[], ids: number[]): Promise<Hold[]> {
  const { now, query } = dialectOf(trx)
  const projects = sourceOfIds(trx, 'project', projectIds)
  const named = sourceOfIds(trx, 'named', ids)
  const rows = await query<object>(trx, {
    sql: `WITH named AS (SELECT id FROM ${named.sql}), owner AS (
        SELECT user_id FROM projects WHERE id IN (SELECT project.id FROM ${projects.sql})
        UNION SELECT user_id FROM reservations WHERE id IN (SELECT id FROM named)
      )
      SELECT * FROM reservations WHERE id IN (SELECT id FROM named)
      UNION ALL
      SELECT * FROM reservations WHERE user_id IN (SELECT user_id FROM owner) AND status = 'held'
        AND expires_at <= ${now} AND id NOT IN (SELECT id FROM named)`,
    bindings: [...named.bindings, ...projects.bindings],
  })
  return rows.map(storedHold)
}

async function findSettlements(trx: Knex.Transaction, reservationIds: number[]): Promise<Map<number, Charge>> {
  if (reservationIds.length === 0) return new Map()
  const named = sourceOfIds(trx, 'named', reservationIds)
  const rows = await dialectOf(trx).query<object>(trx, {
    sql: `SELECT * FROM cost_records WHERE reservation_id IN (SELECT named.id FROM ${named.sql})`,
    bindings: named.bindings,
  })
  return new Map(rows.map(storedCharge).map((charge) => [charge.reservationId ?? 0, charge]))
}

function sourceOfIds(trx: Knex.Transaction, alias: string, ids: number[]): Statement {
  return dialectOf(trx).rows(
    alias,
    { id: 'integer' },
    ids.map((id) => [id]),
  )
}

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
  const { rows, query } = dialectOf(trx)
  const asked = rows('asked', { project_id: 'integer', idempotency_key: 'text' }, keys)
  return query<object>(trx, {
    sql: `SELECT ${table}.* FROM ${asked.sql} JOIN ${table} USING (project_id, idempotency_key)`,
    bindings: asked.bindings,
  })
}

function byKey<Row extends Charge | Hold>(row: Row): [string, Row] {
  if (row.idempotencyKey === null) throw new Error(`row ${row.id} was found by its key but has none`)
  return [answerKey(row.projectId, row.idempotencyKey), row]
}
