import { type AppRouter, appRouter, createContext, type Services } from '@mgx/api'
import { TRPCError } from '@trpc/server'
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Life } from './phase.js'
import { MEDIA_TYPE_HINT, refuse } from './refusals.js'

const MAX_BATCH_CALLS = 50

/** The procedures at `/trpc/<router>.<procedure>`: GET for queries, POST with JSON for everything. */
export function trpcRoutes(http: FastifyInstance, services: Services, life: Life): void {
  const trpcOptions: FastifyTRPCPluginOptions<AppRouter>['trpcOptions'] = {
    router: appRouter,
    createContext: ({ req }) =>
      createContext(services, { authorization: req.headers.authorization, requestId: req.id }),
    allowMethodOverride: true,
    allowBatching: true,
    maxBatchSize: MAX_BATCH_CALLS,
    // What tRPC refuses before there is a context goes out as text otherwise.
    responseMeta: ({ ctx }) => (ctx ? {} : { headers: new Headers({ 'content-type': 'application/json' }) }),
    onError({ error, req }) {
      // A procedure's failure is logged where it happens and arrives here wrapped; this is for what fails around it.
      const isLogged = error.cause instanceof TRPCError
      if (error.code === 'INTERNAL_SERVER_ERROR' && !isLogged) services.logInternal(error, req.id)
    },
  }
  http.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => refuseOutright(request, reply, life))
    scope.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions })
  })
}

/** What tRPC would take, or stumble over, and this API does not: answered before a body is read. */
function refuseOutright(request: FastifyRequest, reply: FastifyReply, { phase }: Life): FastifyReply | undefined {
  const { method, headers } = request
  if (phase === 'starting') {
    return refuse(request, reply, 'unavailable', 'the server is not ready: its database has to be migrated first')
  }
  if (method !== 'GET' && method !== 'POST') {
    reply.header('allow', 'GET, POST')
    return refuse(request, reply, 'method_not_allowed', 'queries take GET or POST, mutations POST')
  }
  if (method === 'POST' && !isPlainJson(headers)) {
    return refuse(request, reply, 'unsupported_media_type', MEDIA_TYPE_HINT)
  }
  if (!URL.canParse(`http://${headers.host}`) || headers.host?.includes('@')) {
    return refuse(request, reply, 'invalid_input', 'the Host header is not well formed')
  }
  return undefined
}

function isPlainJson(headers: FastifyRequest['headers']): boolean {
  const encoding = headers['content-encoding'] ?? 'identity'
  return /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '') && encoding === 'identity'
}
