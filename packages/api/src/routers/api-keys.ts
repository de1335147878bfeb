import {
  ApiKey,
  ApiKeyId,
  CreateApiKeyInput,
  CreatedApiKey,
  DomainError,
  invalidField,
  ListApiKeysInput,
  pageOf,
} from '@mgx/contract'
import { getApiKey, getUser, listApiKeys, revokeApiKey } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { issueApiKey, ownerOf } from '../accounts.js'
import { isAdmin } from '../authentication/actor.js'
import { userProcedure } from '../trpc.js'

/** A session is short-lived: it must not be able to make itself a key that is not. */
const keyHolderProcedure = userProcedure.use(({ ctx, next }) => {
  if (ctx.caller.via !== 'apiKey') throw new DomainError('forbidden', 'API keys are managed with an API key')
  return next()
})

export const apiKeys = {
  create: keyHolderProcedure
    .meta({ description: 'Makes an API key, which is answered this once.' })
    .input(CreateApiKeyInput)
    .output(CreatedApiKey)
    .mutation(async ({ ctx, input }) => {
      const { db, secret } = ctx.services
      const { id: userId } = await getUser(db, ownerOf(ctx.caller, isAdmin(ctx.caller), input.userId))
      const excess = input.scopes.find((scope) => !ctx.caller.scopes.includes(scope))
      if (excess) throw invalidField('scopes', `must not hold ${excess}, which the calling key lacks`)
      return issueApiKey(db, secret, { ...input, userId })
    }),

  list: keyHolderProcedure
    .meta({ description: 'The API keys of a user, newest first; never the keys themselves.' })
    .input(ListApiKeysInput)
    .output(pageOf(ApiKey))
    .query(({ ctx, input }) =>
      listApiKeys(ctx.services.db, ownerOf(ctx.caller, isAdmin(ctx.caller), input.userId), input),
    ),

  rotate: keyHolderProcedure
    .meta({ description: 'Revokes an API key and makes one like it, which is answered this once.' })
    .input(ApiKeyId)
    .output(CreatedApiKey)
    .mutation(async ({ ctx, input }) => {
      const { db, secret } = ctx.services
      const { userId, name, scopes, expiresAt, revokedAt } = await getApiKey(db, input.id, ctx.scope.userId)
      if (revokedAt) throw new DomainError('conflict', 'a revoked API key cannot be rotated')
      return issueApiKey(db, secret, { userId, name, scopes, expiresAt: expiresAt ?? undefined }, input.id)
    }),

  revoke: keyHolderProcedure
    .meta({ description: 'Ends an API key, everywhere within 5 seconds.' })
    .input(ApiKeyId)
    .output(ApiKey)
    .mutation(async ({ ctx, input }) => {
      const { id } = await getApiKey(ctx.services.db, input.id, ctx.scope.userId)
      return revokeApiKey(ctx.services.db, id)
    }),
} satisfies TRPCRouterRecord
