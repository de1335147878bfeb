import { type AppRouter, appRouter, createContext, type Services } from '@mgx/api'
import { TRPCError } from '@trpc/server'
import { type FastifyTRPCPluginOptions, fastifyRequestHandler } from '@trpc/server/adapters/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerDirectly } from './direct-answer.js'
import type { Life } from './phase.js'
import { MAX_BATCH_CALLS, readPlainRequest } from './plain-request.js'
import { MEDIA_TYPE_HINT, refuse } from './refusals.js'

/**
 * The procedures at `/trpc/<router>.<procedure>`: GET for queries, POST with JSON for everything. Plain JSON calls go
 * straight to the procedures; what is not one (a subscription, a stream, a mistake) goes to tRPC's own adapter.
 */
export function trpcRoutes(http: FastifyInstance, services: Services, life: Life): void {
  const contextOf = ({ headers, id }: FastifyRequest) =>
    createContext(services, { authorization: headers.authorization, requestId: id })
  const onError = (error: TRPCError, requestId: string) => {
    // A procedure's failure is logged where it happens and arrives here wrapped; this is for what fails around it.
    const isLogged = error.cause instanceof TRPCError
    if (error.code === 'INTERNAL_SERVER_ERROR' && !isLogged) services.logInternal(error, requestId)
  }
  const stock: FastifyTRPCPluginOptions<AppRouter>['trpcOptions'] = {
    router: appRouter,
    createContext: ({ req }) => contextOf(req),
    allowMethodOverride: true,
    allowBatching: true,
    maxBatchSize: MAX_BATCH_CALLS,
    // What tRPC refuses before there is a context goes out as text otherwise.
    responseMeta: ({ ctx }) => ({ headers: new Headers(ctx?.answerHeaders ?? { 'content-type': 'application/json' }) }),
    onError: ({ error, req }) => onError(error, req.id),
  }
  http.register(async (scope) => {
    scope.addHook('onRequest', (request, reply, next) => {
      if (!refuseOutright(request, reply, life)) next()
    })
    scope.removeContentTypeParser('application/json')
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    scope.all<{ Params: { path: string } }>('/trpc/:path', async (request, reply) => {
      const { path } = request.params
      const { method, url, headers, body } = request
      const plain = readPlainRequest({ method, url, path, headers, body })
      if (!plain) return fastifyRequestHandler({ ...stock, req: request, res: reply, path })
      const ctx = contextOf(request)
      const { status, body: answer } = await answerDirectly(plain, ctx, (error) => onError(error, request.id))
      return reply.code(status).headers(DIRECT_HEADERS).headers(ctx.answerHeaders).send(answer)
    })
  })
}

/** As the stock adapter has them; Fastify would add the charset itself. */
const DIRECT_HEADERS = { vary: 'trpc-accept, accept', 'content-type': 'application/json; charset=utf-8' }

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
