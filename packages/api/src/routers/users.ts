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
import { procedure } from '../trpc.js'

export const users = {
  create: procedure({
    authority: 'admin:credentials',
    rest: ['POST /users'],
    description: 'Creates a user and their first API key. The key itself is returned only here.',
  })
    .input(CreateUserInput)
    .output(CreatedUser)
    .mutation(({ ctx, input }) => ctx.services.credentials.createUser(input, ctx.caller.userId)),

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

  list: procedure({ authority: 'admin:read', rest: ['GET /users'], description: 'Lists all users, newest first.' })
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
      return ctx.services.credentials.updateUser(ctx.scope, input)
    }),
} satisfies TRPCRouterRecord
