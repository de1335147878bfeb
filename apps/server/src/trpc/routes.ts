import {
  type AppRouter,
  addIfRefused,
  appRouter,
  logAroundProcedures,
  nameRequest,
  reasonOf,
  type Services,
} from '@mgx/api'
import { MAX_BATCH_CALLS } from '@mgx/contract'
import { type FastifyTRPCPluginOptions, fastifyRequestHandler } from '@trpc/server/adapters/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { requireBoundedJson } from '../http/json-bounds.js'
import { contextOf } from '../http/procedure-call.js'
import { refuse, takeJsonAsText } from '../http/refusals.js'

/**
 * Adds `/trpc/<router>.<procedure>`, where tRPC's own adapter handles what is not a plain JSON call: subscriptions and
 * invalid requests.
 */
export function trpcRoutes(http: FastifyInstance, services: Services): void {
  const stock: FastifyTRPCPluginOptions<AppRouter>['trpcOptions'] = {
    router: appRouter,
    createContext: ({ req, info: { calls } }) => {
      const { id: requestId, ip: address, headers, body } = req
      const bytesPerCall = typeof body === 'string' ? body.length / Math.max(calls.length, 1) : 0
      req.context = contextOf(services, { requestId, address, bytesPerCall, headers })
      return req.context
    },
    allowMethodOverride: true,
    allowBatching: true,
    maxBatchSize: MAX_BATCH_CALLS,
    // Without it, errors before there is a context would be sent as text.
    responseMeta: ({ ctx }) => ({ headers: new Headers(ctx?.answerHeaders ?? { 'content-type': 'application/json' }) }),
    onError({ error, req, ctx, path }) {
      nameRequest(error, req.id)
      logAroundProcedures(services, req.id, error)
      if (ctx && path !== undefined) addIfRefused(ctx, path, error)
      else req.refusal = reasonOf(error)
    },
  }
  http.register(async (scope) => {
    scope.addHook('onRequest', refuseUnusable)
    scope.addHook('preHandler', (request, _reply, next) => {
      for (const text of Object.values(request.query as object).flat()) requireBoundedJson(text)
      next()
    })
    takeJsonAsText(scope, ({ method, headers }) => method === 'POST' || 'content-type' in headers)
    scope.all<{ Params: { path: string } }>('/trpc/:path', (request, reply) =>
      fastifyRequestHandler({ ...stock, req: request, res: reply, path: request.params.path }),
    )
  })
}

/** Refuses requests that tRPC's adapter would accept or fail on, and that this API does not accept. */
function refuseUnusable(request: FastifyRequest, reply: FastifyReply, next: () => void): void {
  const { method, headers } = request
  if (method !== 'GET' && method !== 'POST') {
    reply.header('allow', 'GET, POST')
    refuse(request, reply, 'method_not_allowed', 'queries take GET or POST, mutations POST')
  } else if (!URL.canParse(`http://${headers.host}`) || headers.host?.includes('@')) {
    refuse(request, reply, 'invalid_input', 'the Host header is not well formed')
  } else next()
}
