import {
  CreatedSession,
  CreateSessionInput,
  ExtendSessionInput,
  ListSessionsInput,
  pageOf,
  Session,
  SessionId,
  SessionToken,
} from '@mgx/contract'
import { getProject, getSession, listSessions, sessionClosed } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { openerOf } from '../authority/actor.js'
import { procedure } from '../trpc.js'

export const sessions = {
  create: procedure({
    authority: 'credentials:write',
    rest: ['POST /sessions'],
    description: 'Creates a session. Its token is returned only here.',
  })
    .input(CreateSessionInput)
    .output(CreatedSession)
    .mutation(async ({ ctx, input }) => {
      const { db, credentials } = ctx.services
      const { userId } = ctx.caller
      if (input.projectId != null) await getProject(db, ctx.scope, input.projectId)
      return credentials.openSession(userId, { ...input, ...openerOf(ctx.caller), kind: 'token' }, ctx.requester)
    }),

  get: procedure({ authority: 'read', rest: ['GET /sessions/{id}'], description: 'Returns a session by id.' })
    .input(SessionId)
    .output(Session)
    .query(({ ctx, input }) => getSession(ctx.services.db, ctx.scope, { id: input.id })),

  list: procedure({
    authority: 'read',
    rest: ['GET /sessions'],
    description: 'Lists the sessions the caller may see, newest first.',
  })
    .input(ListSessionsInput)
    .output(pageOf(Session))
    .query(({ ctx, input }) => listSessions(ctx.services.db, ctx.scope, input)),

  verify: procedure({
    authority: 'read',
    rest: ['POST /sessions/verify'],
    description: 'Returns the active session of a token; rejects a closed or expired one.',
  })
    .input(SessionToken)
    .output(Session)
    .query(async ({ ctx, input }) => {
      const session = await ctx.services.credentials.findSession(ctx.scope, input.token)
      if (session.status !== 'active') throw sessionClosed(session)
      return session
    }),

  extend: procedure({
    authority: 'credentials:write',
    rest: ['POST /sessions/{id}/extend'],
    description: 'Sets an active session to expire a number of seconds from now.',
  })
    .input(ExtendSessionInput)
    .output(Session)
    .mutation(({ ctx, input }) => ctx.services.credentials.extendSession(ctx.scope, input, ctx.requester)),

  close: procedure({
    authority: 'write',
    rest: ['POST /sessions/{id}/close'],
    description: 'Closes a session; one that has already ended stays unchanged.',
  })
    .input(SessionId)
    .output(Session)
    .mutation(({ ctx, input }) => ctx.services.credentials.closeSession(ctx.scope, input.id, ctx.requester)),
} satisfies TRPCRouterRecord
