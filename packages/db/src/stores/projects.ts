import type { ListProjectsInput, Page, Project } from '@mgx/contract'
import type { Knex } from 'knex'
import { ProjectModel } from '../models/models.js'
import { page } from '../page.js'
import { narrow, type Scope } from '../scope.js'
import { dueAmount } from './due-holds.js'

/** Returns a project in scope. @throws DomainError `not_found`. */
export async function getProject(db: Knex, scope: Scope, id: number): Promise<Project> {
  return (await visible(db, scope).findById(id).throwIfNotFound()).toEntity()
}

/** Returns which of these projects are in scope and have not ended. */
export async function openProjectIds(db: Knex, scope: Scope, ids: readonly number[]): Promise<number[]> {
  const projects = visible(db, scope).whereIn('id', ids).whereIn('status', ['pending', 'running'])
  return (await projects).map(({ id }) => id)
}

/** Returns a page of the projects in scope, newest first. */
export async function listProjects(db: Knex, scope: Scope, input: ListProjectsInput): Promise<Page<Project>> {
  const query = visible(db, scope)
  if (input.userId !== undefined) query.where({ userId: input.userId })
  if (input.status !== undefined) query.where({ status: input.status })
  return page(query, input)
}

/** Selects projects as callers see them: `reserved` excludes due holds, even those not expired yet by the sweeper. */
function visible(db: Knex, scope: Scope) {
  const reserved = db.raw(`reserved - ${dueAmount(db, 'project_id', 'projects.id')} AS reserved`)
  const query = ProjectModel.query(db).select(columnsButReserved, reserved)
  return narrow(query, scope, { userId: 'userId', projectId: 'id' })
}

const columnsButReserved = ProjectModel.entityFields.filter((name) => name !== 'reserved')
