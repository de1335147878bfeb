import type { CreateProjectInput, Project, UpdateProjectInput, UpdateProjectStatusInput } from '@mgx/contract'
import type { Knex } from 'knex'
import { auditEntity, type Requester } from '../audit/audit-log.js'
import { contentHash, sameContent } from '../content-hash.js'
import { dialectOf } from '../dialect/dialect.js'
import { ProjectModel } from '../models/models.js'
import type { Scope } from '../scope.js'
import { getProject } from '../stores/projects.js'
import { lockAccounts } from './accounts.js'
import { isEnd, projectContent, requireInvestment, requireTransition } from './core/projects.js'

/**
 * Creates a project for a user. With an idempotency key, a repeated call returns the first project.
 * @throws DomainError `idempotency_mismatch` when the key was used with different content.
 */
export async function createProject(
  db: Knex,
  userId: number,
  input: CreateProjectInput,
  requester: Requester,
): Promise<Project> {
  const { name, idea, investment, idempotencyKey = null } = input
  const description = input.description ?? null
  const metadata = input.metadata ?? null
  const hash = contentHash(projectContent(input))
  const row = { userId, name, idea, description, investment, metadata, idempotencyKey, requestHash: hash }
  return db.transaction(async (trx) => {
    const insert = ProjectModel.query(trx).insert(row).onConflict(['userId', 'idempotencyKey']).ignore().returning('*')
    // On conflict the database returns no row, and Objection returns the input without an id.
    const project = await insert
    if (project.id === undefined) {
      const first = await ProjectModel.query(trx).findOne({ userId, idempotencyKey }).throwIfNotFound()
      return sameContent(first, hash).toEntity()
    }
    const after = project.toEntity()
    await auditEntity(trx, 'project', { ...requester, action: 'projects.create', before: null, after })
    return after
  })
}

/**
 * Updates the given fields of a project in scope.
 * @throws DomainError `not_found`; `conflict` when the investment would be below what is spent and reserved.
 */
export async function updateProject(
  db: Knex,
  scope: Scope,
  input: UpdateProjectInput,
  requester: Requester,
): Promise<Project> {
  const { id, ...changes } = input
  return db.transaction(async (trx) => {
    const before = await lockProject(trx, scope, id)
    if (changes.investment !== undefined) requireInvestment(before, changes.investment)
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    await patchProject(trx, id, given)
    const after = await getProject(trx, scope, id)
    await auditEntity(trx, 'project', { ...requester, action: 'projects.update', before, after })
    return after
  })
}

/**
 * Changes the status of a project. A final status also sets `completedAt` and releases the open holds.
 * @throws DomainError `not_found`; `invalid_transition` with the statuses that may follow.
 */
export async function updateProjectStatus(
  db: Knex,
  scope: Scope,
  input: UpdateProjectStatusInput,
  requester: Requester,
): Promise<Project> {
  const { id, status, projectPath, error } = input
  return db.transaction(async (trx) => {
    const before = await lockProject(trx, scope, id)
    requireTransition(before, status)
    if (isEnd(status)) await releaseHolds(trx, id)
    await patchProject(trx, id, {
      status,
      ...(projectPath !== undefined && { projectPath }),
      ...(error !== undefined && { error }),
      ...(isEnd(status) && { completedAt: trx.raw(dialectOf(trx).now) }),
    })
    const after = await getProject(trx, scope, id)
    await auditEntity(trx, 'project', { ...requester, action: 'projects.updateStatus', before, after })
    return after
  })
}

async function lockProject(trx: Knex.Transaction, scope: Scope, id: number): Promise<Project> {
  await lockAccounts(trx, { projects: [{ id, scope }] })
  return getProject(trx, scope, id)
}

async function patchProject(trx: Knex.Transaction, id: number, changes: object): Promise<void> {
  await ProjectModel.query(trx)
    .patch({ ...changes, updatedAt: trx.raw(dialectOf(trx).now) })
    .where({ id })
}

/**
 * Releases the open holds of a project that ends. Its accounts must be locked. Due holds are left to the sweeper; their
 * amounts already count as free.
 */
async function releaseHolds(trx: Knex.Transaction, projectId: number): Promise<void> {
  const { now } = dialectOf(trx)
  const held = () => trx('reservations').where({ projectId, status: 'held' })
  await held()
    .where('expiresAt', '>', trx.raw(now))
    .update({ status: 'released', resolvedAt: trx.raw(now) })
  const due: { amount: number | string } | undefined = await held().first(trx.raw('COALESCE(SUM(amount), 0) AS amount'))
  const reserved = Number(due?.amount ?? 0)
  await trx.raw(
    `UPDATE users SET reserved = users.reserved - projects.reserved + ?
    FROM projects WHERE projects.id = ? AND users.id = projects.user_id`,
    [reserved, projectId],
  )
  await trx('projects').where({ id: projectId }).update({ reserved })
}
