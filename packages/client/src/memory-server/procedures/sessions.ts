import { requireScopes } from '@mgx/api/authority'
import { type CreateSessionInput, DomainError, type ListSessionsInput, notFound } from '@mgx/contract'
import type { Session, SessionStatus } from '../../generated/entities.js'
import { later, type Memory } from '../memory.js'
import { pageOf } from '../page.js'
import { authenticated, type Context, keyHolder } from '../procedure.js'
import { sessionNow } from '../session-status.js'
import { insert, type SessionRow } from '../tables.js'
import { projectOf } from './projects.js'

export const sessions = {
  create: keyHolder((context, input: CreateSessionInput) => {
    const { memory, caller } = context
    requireScopes(caller, ['read', 'write'])
    const { projectId = null, metadata = null, ttlSeconds } = input
    if (projectId !== null) projectOf(context, projectId)
    const { tables, now } = memory
    const token = `mgx_ses_${(tables.sessions.size + 1).toString().padStart(4, '0')}_in_memory`
    const { userId, apiKeyId } = caller
    const times = { createdAt: now(), expiresAt: later(memory, ttlSeconds) }
    const row = { userId, projectId, status: 'active' as const, metadata, ...times, apiKeyId, token }
    return { session: answer(memory, insert(tables.sessions, row)), token }
  }),

  get: authenticated((context, { id }: { id: number }) =>
    answer(
      context.memory,
      sessionOf(context, (row) => row.id === id),
    ),
  ),

  list: authenticated(({ memory, scope }, input: ListSessionsInput) => {
    const { projectId, status } = input
    const rows = [...memory.tables.sessions.values()]
      .filter((row) => isVisible(scope, row) && (projectId ?? row.projectId) === row.projectId)
      .map((row) => answer(memory, row))
      .filter((session) => (status ?? session.status) === session.status)
    return pageOf(rows, input, ({ id }) => id)
  }),

  verify: authenticated((context, { token }: { token: string }) => {
    const session = answer(
      context.memory,
      sessionOf(context, (row) => row.token === token),
    )
    if (session.status !== 'active') throw sessionClosed(session.status)
    return session
  }),

  extend: keyHolder((context, { id, ttlSeconds }: { id: number; ttlSeconds: number }) => {
    const { memory } = context
    const row = sessionOf(context, (each) => each.id === id)
    const { status } = sessionNow(memory, row)
    if (status !== 'active') throw sessionClosed(status)
    return change(memory, { ...row, expiresAt: later(memory, ttlSeconds) })
  }),

  close: authenticated((context, { id }: { id: number }) => {
    const row = sessionOf(context, (each) => each.id === id)
    const isActive = sessionNow(context.memory, row).status === 'active'
    return isActive ? change(context.memory, { ...row, status: 'closed' }) : answer(context.memory, row)
  }),
}

function sessionOf({ memory, scope }: Context, isMeant: (row: SessionRow) => boolean): SessionRow {
  const row = [...memory.tables.sessions.values()].find((each) => isMeant(each) && isVisible(scope, each))
  if (!row) throw notFound('session')
  return row
}

function isVisible(scope: Context['scope'], { userId, projectId }: SessionRow): boolean {
  return (scope.userId ?? userId) === userId && (scope.projectId ?? projectId) === projectId
}

function change(memory: Memory, row: SessionRow): Session {
  memory.tables.sessions.set(row.id, row)
  return answer(memory, row)
}

function answer(memory: Memory, row: SessionRow): Session {
  const { apiKeyId: _, token: __, ...session } = row
  return { ...session, ...sessionNow(memory, row) }
}

function sessionClosed(status: SessionStatus): DomainError {
  return new DomainError('session_closed', `the session is ${status}`, { status })
}
