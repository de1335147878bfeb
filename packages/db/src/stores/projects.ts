import {
  type CreateProjectInput,
  DomainError,
  type ListProjectsInput,
  type Page,
  type Project,
  type UpdateProjectInput,
  type UpdateProjectStatusInput,
} from '@mgx/contract'
import type { Knex } from 'knex'
import { contentHash } from '../content-hash.js'
import { dialectOf } from '../dialect/dialect.js'
import { lockAccounts } from '../ledger/accounts.js'
import { isEnd, projectContent, requireInvestment, requireTransition } from '../ledger/core/projects.js'
import { releaseHolds } from '../ledger/release-holds.js'
import { ProjectModel } from '../models/project.js'
import { idsBelow, toPage } from '../page.js'
import type { Scope } from '../scope.js'
import { dueAmount } from './due-holds.js'

/**
 * Starts a project. With an idempotency key, the same call again answers the first project.
 * @throws DomainError `idempotency_mismatch` when the key was used with other content.
 */
export async function createProject(db: Knex, userId: number, input: CreateProjectInput): Promise<Project> {
  const { name, idea, investment, idempotencyKey = null } = input
  const description = input.description ?? null
  const metadata = input.metadata ?? null
  const hash = contentHash(projectContent(input))
  const row = { userId, name, idea, description, investment, metadata, idempotencyKey, requestHash: hash }
  const insert = ProjectModel.query(db).insert(row).onConflict(['userId', 'idempotencyKey']).ignore().returning('*')
  // With a conflict nothing is returned, which Objection answers as the input without an id.
  const project: Partial<Project> | undefined = await insert
  if (project?.id !== undefined) return project as Project
  const first = await ProjectModel.query(db).findOne({ userId, idempotencyKey }).throwIfNotFound()
  if (first.requestHash === hash) return first
  throw new DomainError('idempotency_mismatch', 'this idempotency key was used with other content')
}

/** @throws DomainError `not_found`, also for a project out of scope. */
export async function getProject(db: Knex, scope: Scope, id: number): Promise<Project> {
  return visible(db, scope).findById(id).throwIfNotFound()
}

/** Projects in scope, newest first. */
export async function listProjects(db: Knex, scope: Scope, page: ListProjectsInput): Promise<Page<Project>> {
  const query = visible(db, scope).where('id', '<', idsBelow(page))
  if (page.userId !== undefined) query.where({ userId: page.userId })
  if (page.status !== undefined) query.where({ status: page.status })
  const rows = await query.orderBy('id', 'desc').limit(page.limit + 1)
  return toPage(rows, page, ({ id }) => id)
}

/**
 * Changes the fields that are given.
 * @throws DomainError `not_found`; `conflict` when the investment would be below what is spent and reserved.
 */
export async function updateProject(db: Knex, scope: Scope, input: UpdateProjectInput): Promise<Project> {
  const { id, ...changes } = input
  return db.transaction(async (trx) => {
    const project = await lockProject(trx, scope, id)
    if (changes.investment !== undefined) requireInvestment(project, changes.investment)
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    await patchProject(trx, id, given)
    return getProject(trx, scope, id)
  })
}

/**
 * Moves a project to another status; the end states set `completedAt`, release the open holds and are final.
 * @throws DomainError `not_found`; `invalid_transition` with the statuses that may follow.
 */
export async function updateProjectStatus(db: Knex, scope: Scope, input: UpdateProjectStatusInput): Promise<Project> {
  const { id, status, projectPath, error } = input
  return db.transaction(async (trx) => {
    requireTransition(await lockProject(trx, scope, id), status)
    if (isEnd(status)) await releaseHolds(trx, id)
    await patchProject(trx, id, {
      status,
      ...(projectPath !== undefined && { projectPath }),
      ...(error !== undefined && { error }),
      ...(isEnd(status) && { completedAt: trx.raw(dialectOf(trx).now) }),
    })
    return getProject(trx, scope, id)
  })
}

/** Projects as callers see them: due holds hold nothing, whether or not they were swept. */
function visible(db: Knex, { userId, projectId }: Scope) {
  const reserved = db.raw(`reserved - ${dueAmount(db, 'project_id', 'projects.id')} AS reserved`)
  const query = ProjectModel.query(db).select(columnsButReserved, reserved)
  if (userId !== undefined) query.where({ userId })
  if (projectId !== undefined) query.where({ id: projectId })
  return query
}

const columnsButReserved = Object.keys(ProjectModel.schema.shape).filter((name) => name !== 'reserved')

async function lockProject(trx: Knex.Transaction, scope: Scope, id: number): Promise<Project> {
  await lockAccounts(trx, { projectIds: [id] })
  return getProject(trx, scope, id)
}

async function patchProject(trx: Knex.Transaction, id: number, changes: object): Promise<void> {
  await ProjectModel.query(trx)
    .patch({ ...changes, updatedAt: trx.raw(dialectOf(trx).now) })
    .where({ id })
}
