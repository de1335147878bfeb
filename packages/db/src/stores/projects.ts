import {
  type CountProjectsInput,
  type ListProjectsInput,
  MAX_COUNTED_PROJECTS,
  type Page,
  type Project,
  type ProjectCounts,
  ProjectStatus,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { ProjectModel } from '../models/models.js'
import { firstOfAll, page, toEntities } from '../page.js'
import { type Narrowable, narrow, type Scope } from '../scope.js'
import { searchFloor, searchPage, spellings, whereContains } from '../search.js'
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

/**
 * Returns a page of the projects in scope, newest first. Each status is read from its own index range; a search looks
 * through the projects of all statuses.
 */
export async function listProjects(db: Knex, scope: Scope, input: ListProjectsInput): Promise<Page<Project>> {
  const { search } = input
  const statuses = input.statuses ?? (input.status === undefined ? [] : [input.status])
  const listed = () => ofUser(visible(db, scope), input)
  if (search !== undefined) {
    const found = whereContains(db, listed(), SEARCHED, spellings(search))
    if (statuses.length > 0) found.whereIn('status', statuses)
    return searchPage(ofUser(inScope(db('projects'), scope), input), found, input)
  }
  if (statuses.length === 0) return page(listed(), input)
  const each = statuses.map((status) => listed().where({ status }).toKnexQuery())
  const rows: object[] = await firstOfAll(db, each, input)
  return toEntities(
    rows.map((row) => ProjectModel.fromDatabaseJson(row)),
    input,
  )
}

/**
 * Returns how many projects in scope have each status, counted from the indexes by status; with a search, among the
 * newest ones that it looks through.
 */
export async function countProjects(db: Knex, scope: Scope, input: CountProjectsInput): Promise<ProjectCounts> {
  const { search } = input
  const projects = () => ofUser(inScope(db('projects'), scope), input)
  const floor = search === undefined ? undefined : await searchFloor(projects(), {})
  const counts = ProjectStatus.options.map((status) => {
    const counted = projects().select(db.raw('1')).where({ status }).limit(MAX_COUNTED_PROJECTS)
    if (search !== undefined) whereContains(db, counted, SEARCHED, spellings(search))
    if (floor !== undefined) counted.where('id', '>=', floor)
    return db.select(db.raw(`'${status}' AS status`), db.raw('COUNT(*) AS projects')).from(counted.as('counted'))
  })
  const rows: { status: ProjectStatus; projects: number }[] = await db.unionAll(counts)
  return Object.fromEntries(rows.map(({ status, projects }) => [status, projects])) as ProjectCounts
}

const SEARCHED = ['name', 'idea']

function ofUser<Query extends { where(column: string, id: number): unknown }>(
  query: Query,
  { userId }: { userId?: number | undefined },
): Query {
  if (userId !== undefined) query.where('userId', userId)
  return query
}

/** Selects projects as callers see them: `reserved` excludes due holds, even those not expired yet by the sweeper. */
function visible(db: Knex, scope: Scope) {
  const reserved = db.raw(`reserved - ${dueAmount(db, 'project_id', 'projects.id')} AS reserved`)
  return inScope(ProjectModel.query(db).select(columnsButReserved, reserved), scope)
}

function inScope<Query extends Narrowable>(query: Query, scope: Scope): Query {
  return narrow(query, scope, { userId: 'userId', projectId: 'id' })
}

const columnsButReserved = ProjectModel.entityFields.filter((name) => name !== 'reserved')
