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
import { getUser, getUserByUsername, listUsers, updateUser } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { z } from 'zod'
import { requireMayUpdate } from '../authority/actor.js'
import { procedure } from '../trpc.js'

export const users = {
  create: procedure({
    authority: 'admin:credentials',
    rest: ['POST /users'],
    description: 'Makes a user and their first API key, which is answered this once.',
  })
    .input(CreateUserInput)
    .output(CreatedUser)
    .mutation(({ ctx, input }) => ctx.services.credentials.createUser(input, ctx.caller.userId)),

  get: procedure({ authority: 'user:read', rest: ['GET /users/{id}'], description: 'A user by id.' })
    .input(UserId)
    .output(User)
    .query(({ ctx, input }) => getUser(ctx.services.db, ctx.scope, input.id)),

  getByUsername: procedure({
    authority: 'user:read',
    rest: ['GET /users/by-username'],
    description: 'A user by username, whatever its case.',
  })
    .input(Username)
    .output(User)
    .query(({ ctx, input }) => getUserByUsername(ctx.services.db, ctx.scope, input.username)),

  me: procedure({ authority: 'user:read', rest: ['GET /users/me'], description: 'The user who calls.' })
    .input(z.strictObject({}).optional())
    .output(User)
    .query(({ ctx }) => getUser(ctx.services.db, ctx.scope, ctx.caller.userId)),

  list: procedure({ authority: 'admin:read', rest: ['GET /users'], description: 'All users, newest first.' })
    .input(ListUsersInput)
    .output(pageOf(User))
    .query(({ ctx, input }) => listUsers(ctx.services.db, ctx.scope, input)),

  update: procedure({
    authority: 'user:write',
    rest: ['PATCH /users/{id}'],
    description: 'Changes the fields that are given; role and spending limit are for admins.',
  })
    .input(UpdateUserInput)
    .output(User)
    .mutation(async ({ ctx, input }) => {
      await getUser(ctx.services.db, ctx.scope, input.id)
      requireMayUpdate(ctx.caller, input)
      const user = await updateUser(ctx.services.db, ctx.scope, input)
      if (input.role !== undefined) ctx.services.credentials.recheck()
      return user
    }),
} satisfies TRPCRouterRecord
