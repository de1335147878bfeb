import {
  ApiKey,
  ApiKeyId,
  CreateApiKeyInput,
  CreatedApiKey,
  invalidField,
  ListApiKeysInput,
  notFound,
  pageOf,
  RotateApiKeyInput,
} from '@mgx/contract'
import { getApiKey, getProject, getUser, listApiKeys } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { ownerOf } from '../authority/actor.js'
import { includes, lowest, requireScopes, scopeOfRole } from '../authority/scopes.js'
import { procedure } from '../trpc.js'

export const apiKeys = {
  create: procedure({
    authority: 'credentials:write',
    rest: ['POST /api-keys'],
    description: 'Creates an API key. The key itself is returned only here.',
  })
    .input(CreateApiKeyInput)
    .output(CreatedApiKey)
    .mutation(async ({ ctx, input }) => {
      const { db, credentials } = ctx.services
      const { caller, requester } = ctx
      const user = await getUser(db, ctx.scope, ownerOf(caller, input.userId))
      const most = scopeOfRole(user.role)
      const scopes = input.scopes ?? [lowest(most, caller.scope)]
      requireScopes(caller, scopes)
      if (!scopes.every((scope) => includes(most, scope)))
        throw invalidField('scopes', 'only an admin may have `admin`')
      if (input.projectId !== undefined) {
        const project = await getProject(db, ctx.scope, input.projectId)
        if (user.role !== 'admin' && project.userId !== user.id) throw notFound('project')
      }
      const callsPerMinute = ctx.services.callLimit.grant(caller, input.callsPerMinute)
      return credentials.issueKey(user, { ...input, scopes, callsPerMinute }, { userId: caller.userId, requester })
    }),

  list: procedure({
    authority: 'credentials:read',
    rest: ['GET /api-keys'],
    description: 'Lists the API keys of a user, newest first, without the keys themselves.',
  })
    .input(ListApiKeysInput)
    .output(pageOf(ApiKey))
    .query(({ ctx, input }) => listApiKeys(ctx.services.db, ctx.scope, ownerOf(ctx.caller, input.userId), input)),

  rotate: procedure({
    authority: 'credentials:write',
    rest: ['POST /api-keys/{id}/rotate'],
    description:
      'Creates an API key that replaces another one; both are valid for `overlapSeconds`. The new key itself is returned only here.',
  })
    .input(RotateApiKeyInput)
    .output(CreatedApiKey)
    .mutation(async ({ ctx, input }) => {
      const { caller, requester } = ctx
      const { scopes, projectId } = await getApiKey(ctx.services.db, ctx.scope, input.id)
      requireScopes(caller, scopes)
      if (projectId !== null) await getProject(ctx.services.db, ctx.scope, projectId)
      return ctx.services.credentials.rotateKey(ctx.scope, input, { userId: caller.userId, requester })
    }),

  revoke: procedure({
    authority: 'credentials:write',
    rest: ['POST /api-keys/{id}/revoke'],
    description:
      'Revokes an API key, on every server within 5 seconds. The last usable key of the admins cannot be revoked.',
  })
    .input(ApiKeyId)
    .output(ApiKey)
    .mutation(({ ctx, input }) => ctx.services.credentials.revokeKey(ctx.scope, input.id, ctx.requester)),
} satisfies TRPCRouterRecord
