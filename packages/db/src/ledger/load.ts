import type { NanoUsd } from '@mgx/contract'
import type { Knex } from 'knex'
import { dialectOf, readSum, type Statement } from '../dialect/dialect.js'
import { EVERYTHING } from '../scope.js'
import { readPricesVersion } from '../stores/prices.js'
import { lockAccounts, type NamedRow } from './accounts.js'
import { findBacklogs, setAside } from './backlog.js'
import { answerKey, type Books, type Charge, type Hold } from './core/books.js'
import { isPriced, type PendingOperation } from './core/pricing.js'
import { storedCharge, storedHold } from './rows.js'

/** The operations that create, change or end holds on request. */
const MOVES_HOLDS: ReadonlySet<PendingOperation['kind']> = new Set(['reserve', 'settle', 'release', 'extend'])

/**
 * Reads everything that a group of operations needs. Locks the accounts first, so that nothing read is stale. The
 * statements are sent in this order without waiting for each other. The version of the prices is undefined when no
 * operation needs them.
 */
export async function loadBooks(
  trx: Knex.Transaction,
  operations: readonly PendingOperation[],
): Promise<{ books: Books; pricesVersion: number | undefined }> {
  const corrections = operations.flatMap((each) => (each.kind === 'correct' ? each.corrections : []))
  const projects = operations.flatMap(projectsOf)
  const reservations = operations.flatMap(reservationsOf)
  const projectIds = distinct(projects)
  const reservationIds = distinct(reservations)
  const movesHolds = operations.some(({ kind }) => MOVES_HOLDS.has(kind))
  const backlogs = () =>
    findBacklogs(trx, {
      projects: sourceOfIds(trx, 'project', projectIds),
      reservations: sourceOfIds(trx, 'named', reservationIds),
      // Only reservations are checked against the user's spending limit.
      withUsers: operations.some(({ kind }) => kind === 'reserve'),
    })
  const [accounts, pricesVersion, named, due, settlements, correctedCosts, charges, keyed] = await Promise.all([
    lockAccounts(trx, { projects, reservations }),
    operations.every(isPriced) ? undefined : readPricesVersion(trx),
    findHolds(trx, reservationIds),
    movesHolds ? backlogs() : undefined,
    findSettlements(trx, reservationIds),
    findCorrectedCosts(trx, distinct(corrections.map(({ recordId }) => ({ id: recordId })))),
    findKeyed(trx, 'cost_records', operations, ['record', 'adjust']),
    findKeyed(trx, 'reservations', operations, ['reserve']),
  ])
  // Only those whose accounts are locked, because due holds expire even when the call that names them is refused.
  const inScope = (hold: Hold) => accounts.projects.has(hold.projectId)
  const keyedHolds = keyed.map(storedHold).filter(inScope)
  // A map, because several calls may name the same hold, by id or by key.
  const holds = new Map([...named.filter(inScope), ...keyedHolds].map((hold) => [hold.id ?? 0, hold]))
  // Recording a cost returns the budget too, so it needs the backlogs; but where nothing is held, nothing is due.
  const mayBeDue = projectIds.some((id) => (accounts.projects.get(id)?.reserved ?? 0n) > 0n)
  const books = {
    now: accounts.now,
    ...setAside(accounts, due ?? (mayBeDue ? await backlogs() : []), holds),
    holds,
    settlements,
    correctedCosts,
    keyedCharges: new Map(charges.map(storedCharge).map(byKey)),
    keyedHolds: new Map(keyedHolds.map(byKey)),
  }
  return { books, pricesVersion }
}

function projectsOf(operation: PendingOperation): NamedRow[] {
  const { scope } = operation.kind === 'expire' ? { scope: EVERYTHING } : operation
  if ('projectId' in operation) return [{ id: operation.projectId, scope }]
  return 'corrections' in operation ? operation.corrections.map(({ projectId }) => ({ id: projectId, scope })) : []
}

function reservationsOf(operation: PendingOperation): NamedRow[] {
  if (!('reservationId' in operation)) return []
  return [{ id: operation.reservationId, scope: operation.kind === 'expire' ? EVERYTHING : operation.scope }]
}

function distinct(rows: readonly { id: number }[]): number[] {
  return [...new Set(rows.map(({ id }) => id))]
}

async function findHolds(trx: Knex.Transaction, ids: number[]): Promise<Hold[]> {
  if (ids.length === 0) return []
  const named = sourceOfIds(trx, 'named', ids)
  const rows = await dialectOf(trx).query<object>(trx, {
    sql: `SELECT * FROM reservations WHERE id IN (SELECT named.id FROM ${named.sql})`,
    bindings: named.bindings,
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

/** Returns the sums of records and the adjustments that correct them. */
async function findCorrectedCosts(trx: Knex.Transaction, ids: number[]): Promise<Map<number, NanoUsd>> {
  if (ids.length === 0) return new Map()
  const { exactSum, query } = dialectOf(trx)
  const [records, corrections] = [sourceOfIds(trx, 'record', ids), sourceOfIds(trx, 'correction', ids)]
  const rows = await query<{ id: number; sum: string }>(trx, {
    sql: `SELECT entry.id, ${exactSum('entry.total_cost')} AS sum FROM (
        SELECT id, total_cost FROM cost_records WHERE id IN (SELECT record.id FROM ${records.sql})
        UNION ALL SELECT corrects_record_id AS id, total_cost FROM cost_records
        WHERE corrects_record_id IN (SELECT correction.id FROM ${corrections.sql})
      ) AS entry GROUP BY entry.id`,
    bindings: [...records.bindings, ...corrections.bindings],
  })
  return new Map(rows.map(({ id, sum }) => [id, readSum(sum)]))
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
  operations: readonly PendingOperation[],
  kinds: PendingOperation['kind'][],
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
