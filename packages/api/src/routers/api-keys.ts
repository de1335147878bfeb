import { ApiKey, ApiKeyId, CreateApiKeyInput, CreatedApiKey, ListApiKeysInput, pageOf } from '@mgx/contract'
import { getApiKey, getUser, listApiKeys } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { ownerOf, requireScopes } from '../authority/actor.js'
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
      const { id: userId } = await getUser(ctx.services.db, ctx.scope, ownerOf(ctx.caller, input.userId))
      requireScopes(ctx.caller, input.scopes)
      return ctx.services.credentials.issueKey(ctx.caller.userId, userId, input)
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
    description: 'Replaces an API key: revokes it and creates one like it. The new key itself is returned only here.',
  })
    .input(ApiKeyId)
    .output(CreatedApiKey)
    .mutation(async ({ ctx, input }) => {
      const replaced = await getApiKey(ctx.services.db, ctx.scope, input.id)
      requireScopes(ctx.caller, replaced.scopes)
      return ctx.services.credentials.rotateKey(ctx.caller.userId, ctx.scope, replaced)
    }),

  revoke: procedure({
    authority: 'credentials:write',
    rest: ['POST /api-keys/{id}/revoke'],
    description:
      'Revokes an API key, on every server within 5 seconds. The last usable key of the admins cannot be revoked.',
  })
    .input(ApiKeyId)
    .output(ApiKey)
    .mutation(({ ctx, input }) => ctx.services.credentials.revokeKey(ctx.scope, input.id)),
} satisfies TRPCRouterRecord
