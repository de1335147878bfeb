import { createServer } from 'node:http'
import { INTERNAL_MESSAGE, type Services } from '@mgx/api'
import type { MissingDetails } from '@mgx/contract'
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import { adviceFor } from './advice.js'
import { healthRoutes } from './health-routes.js'
import { homePage } from './home-page.js'
import { metricsRoutes } from './metrics-routes.js'
import type { Life } from './phase.js'
import { plainCallHandler } from './plain-calls.js'
import { MAX_BODY_BYTES } from './plain-request.js'
import { createReadiness } from './readiness.js'
import { refusalOf, refuse } from './refusals.js'
import { requestIdOf } from './request-id.js'
import { logRequest } from './request-log.js'
import { documentationRoutes } from './rest/documentation.js'
import { restRoutes } from './rest/routes.js'
import { refuseUnreadable } from './socket-refusals.js'
import { cutWhenStalled } from './stalled-streams.js'
import { trpcRoutes } from './trpc-routes.js'

const REQUEST_MILLISECONDS = 30_000
/** Longer than a load balancer keeps a connection that nobody uses, so that it is never the server that cuts it. */
const IDLE_MILLISECONDS = 72_000
/** A batch names its procedures in one path segment; Node itself bounds URL and headers to this. */
const MAX_PATH_CHARACTERS = 16 * 1024

/** The HTTP server, complete but not listening: plain JSON calls on Node's http alone, everything else through Fastify. */
export function createHttp(parts: { services: Services; life: Life; log: FastifyBaseLogger }): FastifyInstance {
  const { services, life, log } = parts
  const answerError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refusalOf(error)
    if (refusal) return refuse(request, reply, refusal.reason, refusal.message)
    services.logInternal(error, request.id)
    return refuse(request, reply, 'internal', INTERNAL_MESSAGE)
  }
  const answerPlainCall = plainCallHandler(parts)
  const http = fastify({
    // What Fastify says at the level info is said by our own lines.
    loggerInstance: log.child({}, { level: log.level === 'info' ? 'warn' : log.level }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIdOf,
    bodyLimit: MAX_BODY_BYTES,
    serverFactory: (answerUnusual) =>
      createServer(
        { requestTimeout: REQUEST_MILLISECONDS, keepAliveTimeout: IDLE_MILLISECONDS },
        (request, response) => {
          if (!answerPlainCall(request, response)) answerUnusual(request, response)
        },
      ),
    // What is on its way while the server drains is served: a refusal would only make the caller ask again.
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PATH_CHARACTERS },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error, request, reply) => answerError(error, request, reply as FastifyReply),
  })
  http.setErrorHandler(answerError)
  const details: MissingDetails = { missing: 'path' }
  const answerNothing = (request: FastifyRequest, reply: FastifyReply) =>
    refuse(request, reply, 'not_found', 'there is nothing at this path', details)
  http.setNotFoundHandler(answerNothing)
  http.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id)
    // Before a body is read: what is wrong is the path, whatever was sent there.
    if (request.is404) answerNothing(request, reply)
    else next()
  })
  // Streams have no end of their own, and the server would wait for them in vain.
  http.addHook('preClose', () => {
    services.streams.end()
    return services.watch.end()
  })
  http.addHook('onSend', (_request, reply, payload, next) => {
    addAdvice(reply, payload, life)
    next()
  })
  http.addHook('onResponse', (request, reply, next) => {
    const { id: requestId, method, url } = request
    logRequest(log, { requestId, method, url, status: reply.statusCode, milliseconds: reply.elapsedTime })
    next()
  })
  const failedChecks = createReadiness(services.db, life)
  homePage(http, services.version, failedChecks)
  healthRoutes(http, failedChecks)
  metricsRoutes(http, services)
  trpcRoutes(http, services, life)
  restRoutes(http, services, life)
  documentationRoutes(http, services.version)
  return http
}

function addAdvice(reply: FastifyReply, payload: unknown, life: Life): void {
  // tRPC's answers come as a web Response, whose status Fastify takes over only after this.
  const status = payload instanceof Response ? payload.status : reply.statusCode
  // When a stream has ended nothing else comes on its connection, which a server that closes would wait for.
  if (payload instanceof Response && isStream(payload)) {
    payload.headers.set('connection', 'close')
    cutWhenStalled(reply.raw)
  }
  reply.headers(adviceFor(status, life))
}

function isStream({ headers }: Response): boolean {
  return headers.get('content-type') === 'text/event-stream'
}
