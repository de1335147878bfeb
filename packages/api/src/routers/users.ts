import {
  CreatedUser,
  CreateUserInput,
  ListUsersInput,
  pageOf,
  UpdateUserInput,
  User,
  UserId,
  Username,
} from '@mgx/contract'
import { getUser, getUserByUsername, listUsers } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { z } from 'zod'
import { requireMayUpdate } from '../authority/actor.js'
import { requireMay } from '../authority/authority.js'
import { procedure } from '../trpc.js'

export const users = {
  create: procedure({
    authority: 'admin:credentials',
    rest: ['POST /users'],
    description: 'Creates a user and their first API key. The key itself is returned only here.',
  })
    .input(CreateUserInput)
    .output(CreatedUser)
    .mutation(({ ctx, input }) => {
      const { caller, requester } = ctx
      return ctx.services.credentials.createUser(input, { userId: caller.userId, requester })
    }),

  get: procedure({ authority: 'user:read', rest: ['GET /users/{id}'], description: 'Returns a user by id.' })
    .input(UserId)
    .output(User)
    .query(({ ctx, input }) => getUser(ctx.services.db, ctx.scope, input.id)),

  getByUsername: procedure({
    authority: 'user:read',
    rest: ['GET /users/by-username'],
    description: 'Returns a user by username, ignoring case.',
  })
    .input(Username)
    .output(User)
    .query(({ ctx, input }) => getUserByUsername(ctx.services.db, ctx.scope, input.username)),

  me: procedure({ authority: 'user:read', rest: ['GET /users/me'], description: 'Returns the calling user.' })
    .input(z.strictObject({}).optional())
    .output(User)
    .query(({ ctx }) => getUser(ctx.services.db, ctx.scope, ctx.caller.userId)),

  list: procedure({ authority: 'admin', rest: ['GET /users'], description: 'Lists all users, newest first.' })
    .input(ListUsersInput)
    .output(pageOf(User))
    .query(({ ctx, input }) => listUsers(ctx.services.db, ctx.scope, input)),

  update: procedure({
    authority: 'user:write',
    rest: ['PATCH /users/{id}'],
    description: 'Updates the given fields of a user. Only an admin may change the role and the spending limit.',
  })
    .input(UpdateUserInput)
    .output(User)
    .mutation(async ({ ctx, input }) => {
      await getUser(ctx.services.db, ctx.scope, input.id)
      requireMayUpdate(ctx.caller, input)
      // A role outlives the credential that gives it.
      if (input.role !== undefined) requireMay(ctx.caller, 'admin:credentials')
      return ctx.services.credentials.updateUser(ctx.scope, input, ctx.requester)
    }),

  deactivate: procedure({
    authority: 'admin',
    rest: ['POST /users/{id}/deactivate'],
    description:
      "Deactivates a user: makes the user's keys, sessions and tokens invalid, on every server within 5 seconds. The projects stay as they are.",
    idempotent: true,
  })
    .input(UserId)
    .output(User)
    .mutation(({ ctx, input }) =>
      ctx.services.credentials.setUserActive(ctx.scope, { id: input.id, active: false }, ctx.requester),
    ),

  reactivate: procedure({
    authority: 'admin',
    rest: ['POST /users/{id}/reactivate'],
    description: "Reactivates a deactivated user: the user's credentials that have not ended are valid again.",
    idempotent: true,
  })
    .input(UserId)
    .output(User)
    .mutation(({ ctx, input }) =>
      ctx.services.credentials.setUserActive(ctx.scope, { id: input.id, active: true }, ctx.requester),
    ),
} satisfies TRPCRouterRecord
