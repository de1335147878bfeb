import type { Drift, ReservationStatus } from '@mgx/contract'
import { dialectOf } from '../dialect/dialect.js'
import type { Check } from './comparison.js'

/** Returns a check whose SELECT finds wrong rows; its three `?` are the bounds of the range and the limit. */
function check<Row>(sql: string, toDrift: (row: Row) => Drift): Check {
  return {
    by: 'projects',
    async find(snapshot, { after, upTo }, limit) {
      const rows = await dialectOf(snapshot).query<Row>(snapshot, { sql, bindings: [after, upTo, limit] })
      return rows.map(toDrift)
    },
  }
}

type HoldRow = { id: number; status: ReservationStatus; named: number | null; written: number | null }

/** A hold settled in time or late and its cost record link to each other. An open hold has no cost record. */
const holds = check<HoldRow>(
  `SELECT reservations.id, reservations.status, reservations.cost_record_id AS named, cost_records.id AS written
    FROM reservations LEFT JOIN cost_records ON cost_records.reservation_id = reservations.id
    WHERE reservations.project_id > ? AND reservations.project_id <= ? AND (
      reservations.cost_record_id IS DISTINCT FROM cost_records.id
      OR (reservations.status = 'settled' AND cost_records.id IS NULL)
      OR (reservations.status = 'held' AND cost_records.id IS NOT NULL)
    ) ORDER BY reservations.id LIMIT ?`,
  ({ id, status, named, written }) => ({
    what: `reservation ${id} (${status}): its cost record`,
    expected: expectedRecord(status, named),
    found: nameOf('cost record', status === 'held' ? (written ?? named) : written),
    difference: null,
  }),
)

function expectedRecord(status: ReservationStatus, named: number | null): string {
  if (status === 'held') return 'none'
  return status === 'settled' && named === null ? 'one that it links to' : nameOf('cost record', named)
}

type RecordRow = { id: number; named: number; project: number; found: number | null }

/** A record's reservation exists and belongs to the same project. */
const records = check<RecordRow>(
  `SELECT cost_records.id, cost_records.reservation_id AS named, cost_records.project_id AS project,
      reservations.project_id AS found
    FROM cost_records LEFT JOIN reservations ON reservations.id = cost_records.reservation_id
    WHERE cost_records.project_id > ? AND cost_records.project_id <= ? AND cost_records.reservation_id IS NOT NULL
      AND reservations.project_id IS DISTINCT FROM cost_records.project_id
    ORDER BY cost_records.id LIMIT ?`,
  ({ id, named, project, found }) => ({
    what: `cost record ${id}: the project of its reservation ${named}`,
    expected: nameOf('project', project),
    found: nameOf('project', found),
    difference: null,
  }),
)

/** Rows of a project belong to the project's user; tenant isolation depends on it. */
const owners = Object.entries({ cost_records: 'cost record', reservations: 'reservation', cost_rollups: 'rollup' }).map(
  ([table, word]) =>
    check<{ id: number; expected: number; found: number }>(
      `SELECT ${table}.id, projects.user_id AS expected, ${table}.user_id AS found
        FROM ${table} JOIN projects ON projects.id = ${table}.project_id
        WHERE ${table}.project_id > ? AND ${table}.project_id <= ? AND ${table}.user_id <> projects.user_id
        ORDER BY ${table}.id LIMIT ?`,
      ({ id, expected, found }) => ({
        what: `${word} ${id}: its user`,
        expected: nameOf('user', expected),
        found: nameOf('user', found),
        difference: null,
      }),
    ),
)

export const links: readonly Check[] = [holds, records, ...owners]

function nameOf(word: string, id: number | null): string {
  return id === null ? 'none' : `${word} ${id}`
}
