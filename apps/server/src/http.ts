import { INTERNAL_MESSAGE, type Services } from '@mgx/api'
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import { healthRoutes } from './health-routes.js'
import type { Life } from './phase.js'
import { createReadiness } from './readiness.js'
import { refusalOf, refuse } from './refusals.js'
import { requestIdOf } from './request-id.js'
import { refuseUnreadable } from './socket-refusals.js'
import { trpcRoutes } from './trpc-routes.js'

const MAX_BODY_BYTES = 1024 * 1024
const REQUEST_MILLISECONDS = 30_000
/** A batch names its procedures in one path segment; Node itself bounds URL and headers to this. */
const MAX_PATH_CHARACTERS = 16 * 1024

/** The HTTP server, complete but not listening. */
export function createHttp(parts: { services: Services; life: Life; log: FastifyBaseLogger }): FastifyInstance {
  const { services, life, log } = parts
  const answerError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refusalOf(error)
    if (refusal) return refuse(request, reply, refusal.reason, refusal.message)
    services.logInternal(error, request.id)
    return refuse(request, reply, 'internal', INTERNAL_MESSAGE)
  }
  const http = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_MILLISECONDS,
    // What is on its way while the server drains is served: a refusal would only make the caller ask again.
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PATH_CHARACTERS },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error, request, reply) => answerError(error, request, reply as FastifyReply),
  })
  http.setErrorHandler(answerError)
  http.setNotFoundHandler((request, reply) => refuse(request, reply, 'not_found', 'there is nothing at this path'))
  http.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id)
    next()
  })
  // Streams have no end of their own, and the server would wait for them in vain.
  http.addHook('preClose', () => services.watch.end())
  http.addHook('onSend', (_request, reply, payload, next) => {
    addAdvice(reply, payload, life)
    next()
  })
  http.addHook('onResponse', (request, reply, next) => {
    logRequest(request, reply)
    next()
  })
  healthRoutes(http, createReadiness(services.db, life))
  trpcRoutes(http, services, life)
  return http
}

/** Headers that tell a caller what to do next. */
function addAdvice(reply: FastifyReply, payload: unknown, { phase }: Life): void {
  // tRPC's answers come as a web Response, whose status Fastify takes over only after this.
  const status = payload instanceof Response ? payload.status : reply.statusCode
  // When a stream has ended nothing else comes on its connection, which a server that closes would wait for.
  if (payload instanceof Response && isStream(payload)) payload.headers.set('connection', 'close')
  reply.header('cache-control', 'no-store')
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  if (status === 503) reply.header('retry-after', '1')
  if (phase === 'draining') reply.header('connection', 'close')
}

function isStream({ headers }: Response): boolean {
  return headers.get('content-type') === 'text/event-stream'
}

/** One line a request, without what may be secret: the query string, the headers, the body. Probes are for debugging. */
function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.replace(/\?.*$/s, '')
  const level = path === '/healthz' || path === '/readyz' ? 'debug' : 'info'
  const milliseconds = Math.round(reply.elapsedTime * 10) / 10
  request.log[level]({ method: request.method, path, status: reply.statusCode, milliseconds }, 'request')
}
