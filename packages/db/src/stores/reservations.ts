import { type ListReservationsInput, type Page, type Reservation, ReservationStatus } from '@mgx/contract'
import type { Knex } from 'knex'
import { ReservationModel } from '../models/models.js'
import { firstOfAll, toEntities } from '../page.js'
import type { Scope } from '../scope.js'
import { getProject } from './projects.js'

/** Returns a page of a project's reservations, newest first. @throws DomainError `not_found`. */
export async function listReservations(
  db: Knex,
  scope: Scope,
  input: ListReservationsInput,
): Promise<Page<Reservation>> {
  const { id } = await getProject(db, scope, input.projectId)
  const statuses = input.status === undefined ? ReservationStatus.options : [input.status]
  const rows: object[] = await firstOfAll(
    db,
    statuses.map((status) => ofStatus(db, id, status)),
    input,
  )
  return toEntities(
    rows.map((row) => ReservationModel.fromDatabaseJson(row)),
    input,
  )
}

/**
 * Selects a project's reservations of one status. Each status has its own index range: ended holds in the order of
 * their ids, open ones in that of their expiry, so that a page sorts the open holds of the project and no others.
 */
function ofStatus(db: Knex, projectId: number, status: ReservationStatus): Knex.QueryBuilder {
  // As text, because a partial index does not serve a parameter.
  const reservations = db('reservations').where({ projectId }).whereRaw(`status = '${status}'`)
  if (status !== 'held') return reservations.whereRaw(`status <> 'held'`)
  return db.withMaterialized('open_holds', reservations).select().from('open_holds')
}
