import { ownerOf } from '@mgx/api/authority'
import {
  type CreateProjectInput,
  DomainError,
  type ListProjectsInput,
  notFound,
  type UpdateProjectInput,
  type UpdateProjectStatusInput,
} from '@mgx/contract'
import { contentText, inScope, isEnd, projectContent, requireInvestment, requireTransition } from '@mgx/db/core'
import type { Project } from '../../generated/entities.js'
import { apply } from '../ledger.js'
import { pageOf } from '../page.js'
import { authenticated, type Context, user } from '../procedure.js'
import { insert, type ProjectRow } from '../tables.js'
import { userOf } from './users.js'

export const projects = {
  create: user(({ memory, caller }, input: CreateProjectInput) => {
    const { id: userId } = userOf(memory, ownerOf(caller, input.userId))
    const { tables, now } = memory
    const { name, idea, description = null, metadata = null, investment, idempotencyKey = null } = input
    const requestHash = contentText(projectContent(input))
    const first = [...tables.projects.values()].find((row) => row.userId === userId && isKeyed(row, idempotencyKey))
    if (first && first.requestHash !== requestHash) {
      throw new DomainError('idempotency_mismatch', 'this idempotency key was used with other content')
    }
    if (first) return answer(first)
    const none = { projectPath: null, totalCost: '0', reserved: '0', error: null, completedAt: null }
    const asked = { userId, name, description, idea, investment, metadata, idempotencyKey, requestHash }
    const row = { ...none, ...asked, status: 'pending' as const, createdAt: now(), updatedAt: now() }
    return answer(insert(tables.projects, row))
  }),

  get: authenticated((context, { id }: { id: number }) => answer(projectOf(context, id))),

  list: authenticated(({ memory, scope }, input: ListProjectsInput) => {
    const { userId, status } = input
    const rows = [...memory.tables.projects.values()].filter(
      (row) =>
        inScope(scope, { userId: row.userId, projectId: row.id }) &&
        (userId ?? row.userId) === row.userId &&
        (status ?? row.status) === row.status,
    )
    const page = pageOf(rows, input, ({ id }) => id)
    return { ...page, items: page.items.map(answer) }
  }),

  update: authenticated((context, { id, ...changes }: UpdateProjectInput) => {
    const project = projectOf(context, id)
    if (changes.investment !== undefined) requireInvestment(project, changes.investment)
    return change(context, project, changes)
  }),

  updateStatus: authenticated((context, { id, status, projectPath, error }: UpdateProjectStatusInput) => {
    requireTransition(projectOf(context, id), status)
    if (isEnd(status)) releaseHolds(context, id)
    const completedAt = isEnd(status) ? context.memory.now() : undefined
    return change(context, projectOf(context, id), { status, projectPath, error, completedAt })
  }),
}

/** A project in scope. @throws DomainError `not_found`. */
export function projectOf({ memory, scope }: Pick<Context, 'memory' | 'scope'>, id: number): ProjectRow {
  const row = memory.tables.projects.get(id)
  if (!row || !inScope(scope, { userId: row.userId, projectId: id })) throw notFound('project')
  return row
}

function releaseHolds({ memory }: Context, projectId: number): void {
  const { open, holds } = memory.tables
  for (const reservationId of [...open].filter((id) => holds.get(id)?.projectId === projectId)) {
    apply(memory, { kind: 'release', scope: {}, reservationId })
  }
}

type Changes = { readonly [Field in keyof Project]?: Project[Field] | undefined }

function change({ memory }: Context, project: ProjectRow, changes: Changes): Project {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const row: ProjectRow = { ...project, ...given, updatedAt: memory.now() }
  memory.tables.projects.set(row.id, row)
  return answer(row)
}

const isKeyed = (row: ProjectRow, key: string | null) => key !== null && row.idempotencyKey === key

function answer({ idempotencyKey: _, requestHash: __, ...project }: ProjectRow): Project {
  return project
}
