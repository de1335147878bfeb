import { CreateIdentityInput, Identity, IdentityId, ListIdentitiesInput, pageOf } from '@mgx/contract'
import { createIdentity, listIdentities } from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { ownerOf } from '../authority/actor.js'
import { procedure } from '../trpc.js'

export const identities = {
  create: procedure({
    authority: 'admin:credentials',
    rest: ['POST /identities'],
    description: "Links an account of the configured OIDC issuer to a user, as whom the account's tokens then call.",
  })
    .input(CreateIdentityInput)
    .output(Identity)
    .mutation(({ ctx, input }) => createIdentity(ctx.services.db, input, ctx.requester)),

  list: procedure({
    authority: 'credentials:read',
    rest: ['GET /identities'],
    description: 'Lists the accounts of OIDC issuers that are linked to a user, newest first.',
  })
    .input(ListIdentitiesInput)
    .output(pageOf(Identity))
    .query(({ ctx, input }) => listIdentities(ctx.services.db, ctx.scope, ownerOf(ctx.caller, input.userId), input)),

  remove: procedure({
    authority: 'admin:credentials',
    rest: ['POST /identities/{id}/remove'],
    description: 'Unlinks an account from its user. Its tokens and sessions end, on every server within 5 seconds.',
  })
    .input(IdentityId)
    .output(Identity)
    .mutation(({ ctx, input }) => ctx.services.credentials.removeIdentity(ctx.scope, input.id, ctx.requester)),
} satisfies TRPCRouterRecord
